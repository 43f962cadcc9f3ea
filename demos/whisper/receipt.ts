/** The receipt: where it ran, what was loaded, how long it took. */
import type { Result } from "./messages.ts";

export interface Receipt extends Result {
  /** Of the page's own thread; see `longest-task.ts`. */
  readonly longestTaskMilliseconds: number | null;
}

export function showReceipt(list: HTMLElement, receipt: Receipt): void {
  list.replaceChildren(
    ...rows(receipt).flatMap(([term, value]) => [element("dt", term), element("dd", value)]),
  );
  // For tests, and for whoever wants the figures unrounded.
  list.dataset["receipt"] = JSON.stringify(receipt);
}

function rows(receipt: Receipt): (readonly [term: string, value: string])[] {
  const { seconds, audioSeconds, tokenIds, tokensPerSecond, loadedBytes } = receipt;
  const work = seconds.encode + seconds.decode;
  return [
    ["Ran on", where(receipt)],
    ...stages(receipt),
    ...operations(receipt),
    ["Bytes loaded", `model ${megabytes(loadedBytes.model)}, code ${kilobytes(loadedBytes.code)}`],
    ["Loading", seconds.load === null ? "none: loaded before" : time(seconds.load)],
    ["Encoding", time(seconds.encode)],
    ["Decoding", `${time(seconds.decode)} for ${tokenIds.length} tokens`],
    ["First token after", time(seconds.firstToken)],
    ["Each further token", tokensPerSecond === 0 ? "none" : time(1 / tokensPerSecond)],
    ["Tokens a second", tokensPerSecond.toFixed(1)],
    ["Speed", work === 0 ? "nothing to hear" : `${(audioSeconds / work).toFixed(1)} × real time`],
    ["Longest task of this page", longestTask(receipt.longestTaskMilliseconds)],
  ];
}

function stages({ ranIn }: Receipt): (readonly [string, string])[] {
  if (ranIn === null) return [];
  const { pipeline, compile, dispatch } = ranIn;
  return [["Threads", `pipeline: ${pipeline}, compiler: ${compile}, kernels: ${dispatch}`]];
}

function operations({ nodes, dispatches }: Receipt): (readonly [string, string])[] {
  if (nodes === null) return [];
  const what = `${nodes.webnn} nodes on the device, ${nodes.host} of shapes on the host`;
  return [["Operations", dispatches === null ? what : `${what}, in ${dispatches} dispatches`]];
}

function where({ device, threads }: Receipt): string {
  if (threads === null) return device;
  return `${device}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

function longestTask(milliseconds: number | null): string {
  if (milliseconds === null) return "this browser does not tell";
  return milliseconds === 0 ? "under 50 ms" : `${Math.round(milliseconds)} ms`;
}

function time(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(0)} kB`;
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

/** A soak's report as text, and what is wrong in it. */
import { mostKept, type SoakReport } from "./soak.ts";
import type { Steadiness } from "./steadiness.ts";

/** Of the last half's middle. */
const tolerance = 0.01;

/** The system's figure for a process moves with what it caches: it is shown, and judged by what a context returns. */
const shown = new Set(["rss"]);

export function faultsOf(device: string, report: SoakReport): readonly string[] {
  const { before, after, memory } = report;
  const unsteady = (["tensors", "builds"] as const).flatMap((phase) =>
    report[phase]
      .filter(({ measure, deviation }) => deviation > tolerance && !shown.has(measure))
      .map((each) => `${device}, ${phase}: ${describe(each)}`),
  );
  const more = (["workers", "listeners", "threads"] as const)
    .filter((kind) => after[kind] > before[kind])
    .map((kind) => `${device}: ${before[kind]} ${kind} before, ${after[kind]} after`);
  const resources = [before, after].map((each) => each.resources.join(" ") || "none");
  if (resources[0] !== resources[1]) {
    more.push(`${device}: active resources were ${resources[0]}, are ${resources[1]}`);
  }
  const kept = (memory.destroyed - memory.before) / (memory.inUse - memory.before);
  if (kept > mostKept)
    more.push(`${device}: ${percent(kept)} of a context's memory was not returned`);
  return [...unsteady, ...more];
}

export function printReport(device: string, report: SoakReport): string {
  const { before, after, memory } = report;
  const rows = (["tensors", "builds"] as const).flatMap((phase) =>
    report[phase].map((each) => `  ${phase}: ${describe(each)}`),
  );
  const { inUse, destroyed } = memory;
  return [
    device,
    ...rows,
    `  left: ${JSON.stringify(after)} (before: ${JSON.stringify(before)})`,
    `  process with a context of 256 MiB: ${mega(memory.before)} before, ${mega(inUse)} in use, ${mega(destroyed)} after destroy()`,
  ].join("\n");
}

function describe({ measure, first, low, high, deviation }: Steadiness): string {
  return `${measure} ${first} bytes at first, ${low} to ${high} in the last half (±${percent(deviation)})`;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

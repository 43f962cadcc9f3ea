/** From measurements to medians, ratios and a table. */
import type { Measurement } from "./measure.ts";
import type { Task } from "./messages.ts";

export interface Row {
  readonly runtime: Task["runtime"];
  readonly threads: number;
  readonly loadMs: number;
  readonly firstEncodeMs: number;
  readonly encodeMs: number;
  readonly tokenMs: number;
  readonly peakMegabytes: number | undefined;
  readonly codeBytes: number;
}

export interface Ratio {
  readonly threads: number;
  /** The peer's median by ours: above 1 we are ahead. */
  readonly load: number;
  readonly encode: number;
  readonly token: number;
}

export function summarise(
  task: Pick<Task, "runtime" | "threads">,
  rounds: readonly Measurement[],
): Row {
  const warm = rounds.flatMap(({ runs }) => runs.slice(1));
  const peaks = rounds.flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    ...task,
    loadMs: median(rounds.map(({ loadMs }) => loadMs)),
    firstEncodeMs: median(rounds.map(({ runs }) => runs[0]!.encodeMs)),
    encodeMs: median(warm.map(({ encodeMs }) => encodeMs)),
    tokenMs: median(warm.flatMap(({ tokenMs }) => tokenMs)),
    peakMegabytes: peaks.length === 0 ? undefined : median(peaks) / 2 ** 20,
    codeBytes: rounds[0]!.codeBytes,
  };
}

export function ratiosOf(rows: readonly Row[]): readonly Ratio[] {
  return rows.flatMap((ours) => {
    if (ours.runtime !== "webnn-anywhere") return [];
    const peer = rows.find((row) => row.runtime !== ours.runtime && row.threads === ours.threads);
    if (peer === undefined) return [];
    return {
      threads: ours.threads,
      load: peer.loadMs / ours.loadMs,
      encode: peer.encodeMs / ours.encodeMs,
      token: peer.tokenMs / ours.tokenMs,
    };
  });
}

export function tableOf(rows: readonly Row[]): string {
  const head =
    "| runtime | threads | load ms | first encode ms | encode ms | ms per token | peak MB | code kB |";
  const lines = rows.map(
    ({ runtime, threads, loadMs, firstEncodeMs, encodeMs, tokenMs, peakMegabytes, codeBytes }) =>
      `| ${[
        runtime,
        threads,
        loadMs.toFixed(0),
        firstEncodeMs.toFixed(0),
        encodeMs.toFixed(0),
        tokenMs.toFixed(1),
        peakMegabytes?.toFixed(0) ?? "not known",
        (codeBytes / 1000).toFixed(0),
      ].join(" | ")} |`,
  );
  return [head, "| --- | --- | --- | --- | --- | --- | --- | --- |", ...lines].join("\n");
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? (sorted[middle - 1]! + sorted[middle]!) / 2
    : sorted[Math.floor(middle)]!;
}

/** Runs a real model on this execution provider and on onnxruntime-node, and says how far apart they are. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type * as Ort from "onnxruntime-common";
import * as ours from "../../../adapters/onnxruntime/index.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { relativeError } from "../../frameworks/harness/relative-error.ts";
import type { Outcome, RealModel } from "./real-model.ts";

export interface Comparison {
  readonly says: string;
  /** Of the result that is furthest off, relative to its largest value. */
  readonly error: number;
  /** Nodes of the model by where they ran; on the host are shapes and what they are computed with, and control flow. */
  readonly nodes: { readonly webnn: number; readonly host: number };
  /** Why nodes are on the host, each reason once. */
  readonly reasons: readonly string[];
  readonly graphs: number;
  readonly devices: readonly string[];
  /** Bytes of the model's cache that went through the host. */
  readonly cacheBytes: number;
  /** Of the first run, which builds, and the mean of the others. */
  readonly firstMs: number;
  readonly runMs: number | undefined;
}

/** What the model comes to on onnxruntime-node, its graph as it stands in the file. */
export async function runOracle(model: RealModel): Promise<Outcome> {
  const require = createRequire(new URL("../../peers/package.json", import.meta.url));
  const ort = require("onnxruntime-node") as typeof Ort;
  const sessions = await openAll(ort, model, {
    graphOptimizationLevel: "disabled",
    // Files list weights among their inputs, and it warns of each.
    logSeverityLevel: 3,
  });
  const outcome = await model.run({ sessions, Tensor: ort.Tensor });
  await Promise.all(sessions.map((session) => session.release()));
  return outcome;
}

export async function compare(
  model: RealModel,
  context: MLContext,
  expected: Outcome,
): Promise<Comparison> {
  const sessions = await openAll(ours, model, {
    // ORT's types know no contexts but a browser's own.
    executionProviders: [{ name: "webnn", context } as unknown as "webnn"],
  });
  const times: number[] = [];
  const timed = sessions.map((session) => ({ run: timeRuns(session, times) }));
  const { says, results } = await model.run({ sessions: timed, Tensor: ours.Tensor });
  const reports = sessions.map(ours.sessionReport);
  await Promise.all(sessions.map((session) => session.release()));
  const sum = (of: (report: ours.SessionReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const errors = Object.entries(expected.results).map(([name, values]) =>
    relativeError(results[name]!, values),
  );
  const later = times.slice(sessions.length);
  return {
    says,
    error: Math.max(...errors),
    nodes: { webnn: sum(({ nodes }) => nodes.webnn), host: sum(({ nodes }) => nodes.host) },
    reasons: [
      ...new Set(reports.flatMap(({ placements }) => placements.flatMap((p) => p.reason ?? []))),
    ],
    graphs: sum(({ graphs }) => graphs),
    devices: [...new Set(reports.flatMap(({ devices }) => devices))],
    cacheBytes: sum((report) => cacheBytes(report, model.cache)),
    firstMs: Math.max(...times.slice(0, sessions.length)),
    runMs: later.length === 0 ? undefined : later.reduce((a, b) => a + b, 0) / later.length,
  };
}

/** What does not hold of a comparison that has to. */
export function complaintsOf(model: RealModel, result: Comparison): readonly string[] {
  return [
    result.says === model.known ? [] : [`says '${result.says}', known is '${model.known}'`],
    result.error <= model.bound ? [] : [`error ${result.error}, bound ${model.bound}`],
    result.graphs === model.graphs ? [] : [`${result.graphs} graphs, not ${model.graphs}`],
    // Nothing that is computed from data.
    ...result.reasons
      .filter((reason) => reason !== "shape arithmetic" && reason !== "control flow")
      .map((reason) => [`nodes on the host: ${reason}`]),
    result.cacheBytes === 0 ? [] : [`${result.cacheBytes} bytes of its cache left the device`],
  ].flat();
}

async function openAll(
  ort: Pick<typeof Ort, "InferenceSession">,
  { files, cache }: RealModel,
  options: Ort.InferenceSession.SessionOptions,
): Promise<readonly Ort.InferenceSession[]> {
  const sessions: Ort.InferenceSession[] = [];
  for (const file of files) {
    const bytes = await readFile(file);
    const open = (more: Ort.InferenceSession.SessionOptions) =>
      ort.InferenceSession.create(bytes, { ...options, ...more });
    const session = await open({});
    const kept = session.outputNames.filter((name) => cache?.test(name) === true);
    if (kept.length === 0 || options.executionProviders === undefined) {
      sessions.push(session);
      continue;
    }
    await session.release();
    const locations = kept.map((name) => [name, "ml-tensor" as const]);
    sessions.push(await open({ preferredOutputLocation: Object.fromEntries(locations) }));
  }
  return sessions;
}

function timeRuns(session: Ort.InferenceSession, times: number[]): Ort.InferenceSession["run"] {
  return async (feeds: Ort.InferenceSession.FeedsType) => {
    const begin = performance.now();
    const results = await session.run(feeds);
    times.push(performance.now() - begin);
    return results;
  };
}

function cacheBytes({ bytes }: ours.SessionReport, cache: RegExp | undefined): number {
  return Object.entries(bytes.byName)
    .filter(([name]) => cache?.test(name) === true)
    .reduce((total, [, { written, read }]) => total + written + read, 0);
}

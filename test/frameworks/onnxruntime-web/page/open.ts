/** Loads one of onnxruntime-web's bundles as it is, opens sessions, and reads where their nodes were placed. */
import type * as OnnxRuntime from "onnxruntime-common";
import type * as core from "../../../../core-webnn/index.ts";
import { noteDevices } from "../../harness/note-devices.ts";
import { readPlacements, type Placements } from "../placements.ts";

export type Ort = typeof OnnxRuntime;
export type Bundle = "ort.min.mjs" | "ort.webgpu.min.mjs" | "ort.jspi.min.mjs";
export type Options = OnnxRuntime.InferenceSession.SessionOptions;

const log: string[] = [];
/** `devices` of the graphs that were dispatched since a session was last opened on WebNN. */
const dispatched = new Set<string>();
let isListening = false;

export async function loadOrt(bundle: Bundle, threads: number): Promise<Ort> {
  if (!isListening) listen();
  const ort = (await import(`/ort/${bundle}`)) as Ort;
  ort.env.wasm.wasmPaths = new URL("/ort/", location.href).href;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "verbose";
  return ort;
}

/** ORT's wasm takes the console's functions when it is loaded. Its own lines are kept here and not said. */
function listen(): void {
  isListening = true;
  noteDevices(dispatched);
  for (const level of ["debug", "error", "info", "log", "warn"] as const) {
    const say = console[level].bind(console);
    console[level] = (...words: unknown[]) => {
      const line = words.join(" ");
      if (/:onnxruntime:/.test(line)) log.push(line);
      else say(...words);
    };
  }
}

/** Where graphs ran since a session was last opened on WebNN. */
export function devicesUsed(): string[] {
  return [...dispatched];
}

export interface Opened {
  readonly session: OnnxRuntime.InferenceSession;
  readonly placements: Placements;
  readonly openMs: number;
}

/** What an application may give the provider. */
export interface OwnContext {
  readonly context?: core.MLContext;
  /** Of which the context was made. */
  readonly gpuDevice?: GPUDevice;
}

/** On a context of ORT's own making, unless one is given. */
export async function openOnWebNN(
  ort: Ort,
  model: Uint8Array,
  deviceType: "cpu" | "gpu",
  options: Options = {},
  own: OwnContext = {},
): Promise<Opened> {
  log.length = 0;
  dispatched.clear();
  const provider = { name: "webnn", deviceType, ...own };
  const begin = performance.now();
  const session = await ort.InferenceSession.create(model, {
    ...options,
    executionProviders: [provider as { name: "webnn" }],
    logSeverityLevel: 0,
  });
  const openMs = Math.round(performance.now() - begin);
  return { session, placements: readPlacements(log), openMs };
}

/** The oracle: ORT's own kernels, on the graph as it stands in the file unless `options` say otherwise. */
export function openOnWasm(
  ort: Ort,
  model: Uint8Array,
  options: Options = {},
): Promise<OnnxRuntime.InferenceSession> {
  return ort.InferenceSession.create(model, {
    graphOptimizationLevel: "disabled",
    ...options,
    executionProviders: ["wasm"],
    logSeverityLevel: 3,
  });
}

export async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export function largestIndex(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

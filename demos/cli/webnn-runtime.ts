/** Our runtime for the demos: a WebNN context of our core under ONNX Runtime's API, in Node and in browsers. */
import * as ourOrt from "../../adapters/onnxruntime/index.ts";
import { extensions, ml } from "../../core-webnn/index.ts";
import type { BackendThread, BackendThreads } from "../../core-webnn/index.ts";
import type { LoadWhisperOptions, OrtLike } from "../../models/whisper/index.ts";

export interface Runtime {
  /** What `loadWhisper` needs. */
  readonly options: Pick<
    LoadWhisperOptions,
    "ort" | "executionProviders" | "sessionOptions" | "cacheLocation" | "synchronize"
  >;
  /** Where the sessions that were created through `options.ort` have run. */
  report(): Promise<RuntimeReport>;
  /** Frees what the sessions do not own. */
  close(): Promise<void>;
}

/** Null: this runtime does not say. */
export interface RuntimeReport {
  readonly device: string;
  readonly threads: number | null;
  /** The thread of each stage. */
  readonly ranIn: Record<Stage, ThreadName> | null;
  /** Devices that ran graphs: one that is asked for the GPU shows here if it left anything to the CPU. */
  readonly devices: readonly string[] | null;
  readonly dispatches: number | null;
  readonly nodes: { readonly webnn: number; readonly host: number } | null;
  readonly bytes: {
    /** Of keys and values, moved between host and device. */
    readonly kvCopied: number;
  } | null;
}

/** `pipeline`: reading models, features, choice of tokens; `dispatch`: the kernels of encoder and decoder. */
export type Stage = "pipeline" | "compile" | "dispatch";
/** `main`: a page's own thread, or Node's first. */
export type ThreadName = "main" | "worker";

export interface WebNNOptions {
  readonly deviceType: "cpu" | "gpu";
  /** Absent: as many as pay. */
  readonly numThreads?: number | undefined;
}

export async function openWebNN({ deviceType, numThreads }: WebNNOptions): Promise<Runtime> {
  const context = await ml.createContext({
    deviceType,
    ...(numThreads === undefined || deviceType === "gpu" ? {} : { numThreads }),
  });
  const sessions: ourOrt.InferenceSession[] = [];
  const mark = await context.createTensor({ dataType: "int32", shape: [1], readable: true });
  return {
    options: {
      ort: recordSessions(sessions),
      executionProviders: [{ name: "webnn", context }],
      cacheLocation: "ml-tensor",
      // A context does what it is asked in order.
      synchronize: () => context.readTensor(mark),
    },
    async report() {
      const offered = extensions(context);
      const statistics = offered.dynamicDimensions ? await offered.statistics() : undefined;
      const description = statistics === undefined ? "" : ` (${statistics.description})`;
      return {
        device: deviceType + description,
        threads: statistics?.threads ?? null,
        ranIn: offered.dynamicDimensions ? stagesOf(offered.threads) : null,
        dispatches: statistics?.dispatches ?? null,
        ...addReports(sessions.map(ourOrt.sessionReport)),
      };
    },
    close: async () => context.destroy(),
  };
}

function stagesOf({ compile, dispatch }: BackendThreads): Record<Stage, ThreadName> {
  const here = "WorkerGlobalScope" in globalThis ? "worker" : "main";
  const nameOf = (thread: BackendThread): ThreadName => (thread === "worker" ? thread : here);
  return { pipeline: here, compile: nameOf(compile), dispatch: nameOf(dispatch) };
}

function recordSessions(sessions: ourOrt.InferenceSession[]): OrtLike {
  const { InferenceSession, Tensor } = ourOrt;
  const create = async (model: Uint8Array, options?: ourOrt.InferenceSession.SessionOptions) => {
    const session = await InferenceSession.create(model, options);
    sessions.push(session);
    return session;
  };
  return { Tensor, InferenceSession: { create: create as typeof InferenceSession.create } };
}

function addReports(reports: readonly ourOrt.SessionReport[]) {
  const sum = (of: (report: ourOrt.SessionReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    devices: [...new Set(reports.flatMap(({ devices }) => devices))],
    nodes: { webnn: sum(({ nodes }) => nodes.webnn), host: sum(({ nodes }) => nodes.host) },
    bytes: { kvCopied: sum(({ bytes }) => copiedBytes(bytes.byName)) },
  };
}

type BytesByName = ourOrt.SessionReport["bytes"]["byName"];

/** Keys and values come in as `past_key_values.…` and go out as `present.…`. */
function copiedBytes(byName: BytesByName): number {
  return Object.entries(byName)
    .filter(([name]) => /^(past_key_values|present)\./.test(name))
    .reduce((sum, [, { written, read }]) => sum + written + read, 0);
}

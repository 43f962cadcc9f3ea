/** The runtimes that the command can use, behind one interface: ours, and onnxruntime-node for comparison. */
import { createRequire } from "node:module";
import type { LoadWhisperOptions, OrtLike } from "../../models/whisper/index.ts";
import { UsageError } from "./arguments.ts";
import type { Arguments } from "./arguments.ts";

export interface Runtime {
  /** What `loadWhisper` needs. */
  readonly options: Pick<
    LoadWhisperOptions,
    "ort" | "executionProviders" | "sessionOptions" | "cacheLocation"
  >;
  /** Where the sessions that were created through `options.ort` have run. */
  report(): RuntimeReport;
}

/** Null: this runtime does not say. */
export interface RuntimeReport {
  readonly device: string;
  readonly threads: number | null;
  readonly nodes: { readonly webnn: number; readonly host: number } | null;
  readonly bytes: { readonly kvCopied: number } | null;
}

export async function openRuntime(args: Pick<Arguments, "runtime" | "device" | "threads">) {
  switch (args.runtime) {
    case "onnxruntime-node":
      return openOnnxruntimeNode(args.threads);
    case "webnn":
      throw new Error("not yet");
    default:
      return args.runtime satisfies never;
  }
}

function openOnnxruntimeNode(threads: number | undefined): Runtime {
  const ort = requirePeer("onnxruntime-node") as OrtLike;
  return {
    options: {
      ort,
      // With its optimisations on, onnxruntime-node is wrong on at least one int8 Whisper.
      sessionOptions: {
        graphOptimizationLevel: "disabled",
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      },
    },
    report: () => ({ device: "cpu", threads: threads ?? null, nodes: null, bytes: null }),
  };
}

/** Other runtimes are heavy, so they are no dependencies of this package but of the one in test/peers. */
function requirePeer(name: string): unknown {
  const require = createRequire(new URL("../../test/peers/package.json", import.meta.url));
  try {
    return require(name);
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code !== "MODULE_NOT_FOUND") throw cause;
    const command = "npm ci --ignore-scripts --prefix test/peers";
    throw new UsageError(`${name} is not installed; this installs it: ${command}`, { cause });
  }
}

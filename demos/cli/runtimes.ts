/** The runtimes that the command can use, behind one interface: ours, and onnxruntime-node for comparison. */
import { createRequire } from "node:module";
import type { OrtLike } from "../../models/whisper/index.ts";
import { UsageError } from "./arguments.ts";
import type { Arguments } from "./arguments.ts";
import type { Runtime } from "./webnn-runtime.ts";

export type RuntimeChoice = Pick<Arguments, "runtime" | "device" | "threads">;

export async function openRuntime(choice: RuntimeChoice): Promise<Runtime> {
  switch (choice.runtime) {
    case "onnxruntime-node":
      return openOnnxruntimeNode(choice);
    case "webnn": {
      const { openWebNN } = await import("./webnn-runtime.ts");
      return openWebNN({ deviceType: choice.device, numThreads: choice.threads });
    }
    default:
      return choice.runtime satisfies never;
  }
}

function openOnnxruntimeNode({ device, threads }: RuntimeChoice): Runtime {
  if (device !== "cpu") throw new UsageError("--runtime onnxruntime-node has only --device cpu");
  const ort = requirePeer("onnxruntime-node") as OrtLike;
  return {
    options: {
      ort,
      // With its optimisations on, onnxruntime-node is wrong on at least one quantised Whisper.
      sessionOptions: {
        graphOptimizationLevel: "disabled",
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      },
    },
    report: async () => ({
      device,
      threads: threads ?? null,
      ranIn: null,
      devices: null,
      dispatches: null,
      nodes: null,
      bytes: null,
    }),
    close: async () => undefined,
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

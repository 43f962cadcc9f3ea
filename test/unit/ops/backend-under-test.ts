/**
 * The back end that the cases of the rows run on: WEBNN_OPS_DEVICE is "interpreter" (and is so by default),
 * "cpu" or "gpu". Compilation happens in this thread.
 */
import type { Backend } from "../../../core-webnn/api/backend.ts";
import { compile } from "../../../core-webnn/api/compile.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";

export async function openBackendUnderTest(): Promise<Backend> {
  const name = process.env["WEBNN_OPS_DEVICE"] ?? "interpreter";
  switch (name) {
    case "interpreter":
      return interpreterBackend();
    case "cpu": {
      const { createCpuDevice } = await import("../../../core-webnn/cpu/device.ts");
      return backendOf(await createCpuDevice({ threads: 1, sharedMemory: false }));
    }
    case "gpu": {
      const { createGpuDevice } = await import("../../../core-webnn/gpu/device.ts");
      const { nodeGpu } = await import("../../../core-webnn/gpu/node-gpu.ts");
      return backendOf(await createGpuDevice({ gpu: await nodeGpu() }));
    }
    default:
      throw new Error(`WEBNN_OPS_DEVICE is ${name}, not interpreter, cpu or gpu`);
  }
}

function backendOf(device: Device): Backend {
  return {
    device,
    build: async (id, graph) => device.load(id, compile(graph, device.facts)),
    close: () => device.destroy(),
    threads: { compile: "this thread", dispatch: "this thread" },
  };
}

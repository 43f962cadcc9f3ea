/**
 * Which device a context gets. What is named is given or refused; a preference falls to the next device,
 * and a graph's `devices` say which it was.
 */
import type { Backend } from "./backend.ts";
import { deviceCandidates } from "./device-candidates.ts";
import type { ContextRequest, MLDeviceType } from "./ml.ts";
import { openCpuBackend, openGpuBackend } from "./open-backend.ts";
import { nodeThreads } from "./platform.ts";

export async function chooseBackend(request: ContextRequest): Promise<Backend> {
  const failures: unknown[] = [];
  for (const device of deviceCandidates(request)) {
    try {
      return await open(device, request);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

async function open(device: MLDeviceType, request: ContextRequest): Promise<Backend> {
  const { numThreads, gpuDevice, powerPreference } = request;
  switch (device) {
    case "cpu":
      return openCpuBackend(numThreads);
    case "gpu":
      return openGpuBackend({
        ...(gpuDevice ? { device: gpuDevice } : { gpu: await ownGpu() }),
        ...(powerPreference !== "default" && { powerPreference }),
      });
    case "npu":
      throw new Error("there is no NPU device");
    default:
      return device satisfies never;
  }
}

/** The browser's WebGPU, or Dawn's in Node. */
async function ownGpu(): Promise<GPU> {
  const { gpu } = globalThis.navigator ?? {};
  if (gpu !== undefined) return gpu;
  if (nodeThreads() === undefined) throw new Error("this browser has no WebGPU");
  const { nodeGpu } = await import("../gpu/node-gpu.ts");
  return nodeGpu();
}

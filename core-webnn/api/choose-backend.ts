/**
 * Which device a context gets. What is named is given or refused; a preference falls to the next device,
 * and `context.accelerated` says which it was.
 */
import type { Backend } from "./backend.ts";
import { deviceCandidates } from "./device-candidates.ts";
import type { ContextRequest, MLDeviceType } from "./ml.ts";
import { openCpuBackend, openGpuBackend } from "./open-backend.ts";

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
        ...(gpuDevice && { device: gpuDevice }),
        ...(powerPreference !== "default" && { powerPreference }),
      });
    case "npu":
      throw new Error("there is no NPU device");
    default:
      return device satisfies never;
  }
}

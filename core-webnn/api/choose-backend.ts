/**
 * Which device a context gets. What is named is given or refused; a preference falls to the next device,
 * and `context.accelerated` says which it was.
 */
import type { Backend } from "./backend.ts";
import type { ContextRequest, MLDeviceType } from "./ml.ts";
import { openCpuBackend, openGpuBackend } from "./open-backend.ts";

/** Devices to try in turn. Without a wish it is the CPU: the GPU device is not tuned yet. */
export function candidates(request: ContextRequest): readonly MLDeviceType[] {
  const { deviceType, gpuDevice, accelerated, powerPreference } = request;
  if (gpuDevice !== undefined) return ["gpu"];
  if (deviceType !== undefined) return [deviceType];
  if (accelerated === false) return ["cpu"];
  return accelerated === true || powerPreference === "high-performance" ? ["gpu", "cpu"] : ["cpu"];
}

export async function chooseBackend(request: ContextRequest): Promise<Backend> {
  const failures: unknown[] = [];
  for (const device of candidates(request)) {
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

/** Which devices a request for a context means, in the order in which they are tried. */
import type { ContextRequest, MLDeviceType } from "./ml.ts";

/** Without a wish it is the CPU: the GPU device is not tuned yet. */
export function deviceCandidates(request: ContextRequest): readonly MLDeviceType[] {
  const { deviceType, gpuDevice, accelerated, powerPreference } = request;
  if (gpuDevice !== undefined) return ["gpu"];
  if (deviceType !== undefined) return [deviceType];
  if (accelerated === false) return ["cpu"];
  return accelerated === true || powerPreference === "high-performance" ? ["gpu", "cpu"] : ["cpu"];
}

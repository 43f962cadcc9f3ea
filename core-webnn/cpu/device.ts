/** The CPU device as the rest of the core sees it: the runtime, with our emitter. */
import type { Device } from "../plan/device.ts";
import { emitKernel } from "./emit-kernel.ts";
import { openDevice, type CpuDeviceOptions } from "./runtime/open-device.ts";

export type { CpuDeviceOptions } from "./runtime/open-device.ts";
export { serveThread } from "./runtime/serve-thread.ts";
export { nodeWorkerPort, webWorkerPort, type ThreadPort } from "./runtime/thread-port.ts";

/** Rejects with a TypeError or RangeError that says what cannot be had here. */
export function createCpuDevice(options: CpuDeviceOptions): Promise<Device> {
  return openDevice(options, { emit: emitKernel });
}

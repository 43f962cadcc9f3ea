/**
 * Opens a CPU device: checks that the engine can do what is asked, takes a memory, starts the helpers.
 *
 * The emitter is handed in, so that the runtime knows nothing of how kernels become code.
 */
import type { Device } from "../../plan/device.ts";
import { detectFeatures, supportsSimd } from "../features.ts";
import { controlByteLength } from "../schedule/control.ts";
import { CpuDevice } from "./cpu-device.ts";
import type { EmitKernel } from "./emit-program.ts";
import { DeviceMemory } from "./memory.ts";
import { Team } from "./team.ts";
import type { ThreadPort } from "./thread-port.ts";

export interface CpuDeviceOptions {
  /** Threads that compute, the calling one included. More than one need shared memory. */
  readonly threads: number;
  readonly sharedMemory: boolean;
  /** Starts a worker that runs `serveThread`; called threads - 1 times. */
  readonly startThread?: () => ThreadPort;
  /** Default: as much as the engine allows, 4 GiB at most. */
  readonly maxMemoryByteLength?: number;
}

export interface DeviceParts {
  readonly emit: EmitKernel;
  /** See `TeamOptions`. */
  readonly patience?: number;
}

const mostThreads = 64;

export async function openDevice(options: CpuDeviceOptions, parts: DeviceParts): Promise<Device> {
  const { threads, sharedMemory, maxMemoryByteLength } = options;
  if (!supportsSimd()) throw new TypeError("this engine's WebAssembly has no SIMD (simd128)");
  checkThreads(options);
  const memory = new DeviceMemory({
    shared: sharedMemory,
    reservedByteLength: controlByteLength(threads),
    ...(maxMemoryByteLength === undefined ? {} : { maxByteLength: maxMemoryByteLength }),
  });
  const helpers = startHelpers(options);
  return new CpuDevice({
    memory,
    features: detectFeatures(sharedMemory),
    emit: parts.emit,
    threads,
    startTeam: (onLoss) =>
      new Team({
        memory,
        helpers,
        onLoss,
        ...(parts.patience === undefined ? {} : { patience: parts.patience }),
      }),
  });
}

function checkThreads({ threads, sharedMemory, startThread }: CpuDeviceOptions): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    throw new RangeError(`threads: ${threads} must be an integer from 1 to ${mostThreads}`);
  }
  if (threads === 1) return;
  if (!sharedMemory) throw new TypeError(`threads: ${threads} threads need shared memory`);
  if (startThread === undefined)
    throw new TypeError(`threads: ${threads} threads need startThread`);
  if (!mayBlock()) throw new TypeError(`threads: only a thread that may block can lead ${threads}`);
}

/** A page's own thread may not wait for others. */
function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** All of them, or the error of the one that did not start. */
function startHelpers({ threads, startThread }: CpuDeviceOptions): readonly ThreadPort[] {
  const helpers: ThreadPort[] = [];
  if (startThread === undefined) return helpers; // One thread: see checkThreads.
  try {
    for (let thread = 1; thread < threads; thread++) helpers.push(startThread());
    return helpers;
  } catch (error) {
    for (const helper of helpers) void helper.close();
    throw error;
  }
}

/**
 * Allocation of storage buffers. WebGPU reports that there is no memory later, so an allocation comes with a
 * promise; its buffer may be used at once, and what is done to a failed one has no effect.
 */
import { bufferUsage } from "./webgpu-flags.ts";

export interface Allocation {
  readonly buffer: GPUBuffer;
  /** Bytes that were asked for. */
  readonly byteLength: number;
  /** Why the buffer cannot be used, if so: a RangeError that names bytes and purpose. */
  readonly failure: Promise<Error | undefined>;
}

/** Buffers end at a multiple of this, and none is smaller: every binding and copy then has whole words. */
const granularity = 16;

const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;

/** Zero-filled. Throws a RangeError where the device's limits forbid the length. */
export function allocate(device: GPUDevice, byteLength: number, purpose: string): Allocation {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  return allocateUpTo(
    device,
    byteLength,
    purpose,
    Math.min(maxBufferSize, maxStorageBufferBindingSize),
  );
}

/** Like `allocate`, for a buffer that is bound in parts. */
export function allocateArena(device: GPUDevice, byteLength: number): Allocation {
  return allocateUpTo(device, byteLength, "intermediate values", device.limits.maxBufferSize);
}

export function paddedByteLength(byteLength: number): number {
  return Math.max(granularity, Math.ceil(byteLength / granularity) * granularity);
}

/** Copies bytes to the start of a buffer; what is left of the last word becomes 0. */
export function upload(device: GPUDevice, buffer: GPUBuffer, given: Uint8Array): void {
  // Dawn for Node takes no shared memory.
  const bytes = given.buffer instanceof ArrayBuffer ? given : given.slice();
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  if (whole > 0) {
    device.queue.writeBuffer(buffer, 0, bytes.buffer, bytes.byteOffset, whole);
  }
  if (whole === bytes.byteLength) return;
  const last = new Uint8Array(4);
  last.set(bytes.subarray(whole));
  device.queue.writeBuffer(buffer, whole, last);
}

function allocateUpTo(
  device: GPUDevice,
  byteLength: number,
  purpose: string,
  most: number,
): Allocation {
  if (!Number.isSafeInteger(byteLength) || byteLength < 0 || byteLength > most) {
    throw new RangeError(`${purpose}: ${byteLength} bytes; the GPU allows from 0 to ${most}`);
  }
  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  const buffer = device.createBuffer({ label: purpose, size: paddedByteLength(byteLength), usage });
  // Rejects where the device is lost, which says so itself.
  const pop = (): Promise<GPUError | null> => device.popErrorScope().catch(() => null);
  const errors = Promise.all([pop(), pop()]);
  const failure = errors.then(([noMemory, invalid]) => {
    const message = (noMemory ?? invalid)?.message;
    if (message === undefined) return undefined;
    return new RangeError(`${purpose}: no GPU memory for ${byteLength} bytes: ${message}`);
  });
  return { buffer, byteLength, failure };
}

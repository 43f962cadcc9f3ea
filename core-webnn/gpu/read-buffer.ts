/** Copies a buffer's bytes to JavaScript, after everything that was submitted before. */
import { paddedByteLength } from "./gpu-memory.ts";
import { bufferUsage, mapModeRead } from "./webgpu-flags.ts";

/** The copy is submitted before this returns. */
export function readBuffer(
  device: GPUDevice,
  buffer: GPUBuffer,
  byteLength: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const size = paddedByteLength(byteLength);
  const usage = bufferUsage.mapRead | bufferUsage.copyDestination;
  const staging = device.createBuffer({ label: "read", size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  return mapped(staging, byteLength);
}

async function mapped(staging: GPUBuffer, byteLength: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    await staging.mapAsync(mapModeRead);
    return new Uint8Array(staging.getMappedRange()).slice(0, byteLength);
  } finally {
    staging.destroy();
  }
}

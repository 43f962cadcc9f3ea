/**
 * Lends a tensor to the application as a buffer of its own. The bytes are copied there, and back when the
 * application calls the buffer's `destroy()`: so it cannot touch the tensor later, and may keep the buffer
 * when the tensor is gone.
 */
import { bufferUsage } from "./webgpu-flags.ts";

const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;

/** `takeBack` is called once, and says where the bytes go, if anywhere. */
export function lendBuffer(
  device: GPUDevice,
  source: GPUBuffer,
  byteLength: number,
  takeBack: () => GPUBuffer | undefined,
): GPUBuffer {
  // Copies and bindings are of whole words.
  const size = Math.ceil(byteLength / 4) * 4;
  const lent = device.createBuffer({ label: "exported tensor", size, usage });
  copy(device, source, lent, size);
  let isLent = true;
  Object.defineProperty(lent, "destroy", {
    configurable: true,
    writable: true,
    value(): undefined {
      const target = isLent ? takeBack() : undefined;
      isLent = false;
      if (target !== undefined) copy(device, lent, target, size);
      Object.getPrototypeOf(lent).destroy.call(lent);
    },
  });
  return lent;
}

function copy(device: GPUDevice, from: GPUBuffer, to: GPUBuffer, byteLength: number): void {
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(from, 0, to, 0, byteLength);
  device.queue.submit([encoder.finish()]);
}

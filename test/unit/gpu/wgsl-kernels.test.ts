/** Emitted shaders against the interpreter: random kernels, and every operation at its edges. */
import assert from "node:assert/strict";
import { printKernel } from "../../../core-webnn/kernel/print.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { compareBuffers, randomKernel, specialKernels } from "../kernel/random-kernel.ts";
import { onEachAdapter } from "./adapters.ts";
import { interpreted } from "./interpreted.ts";
import { openDevice, runKernel } from "./run-kernel.ts";

/** Lavapipe compiles for 0.15 s a shader; WEBNN_SEEDS asks for more where time allows. */
function seedsFor(adapter: string): number[] {
  const count = Number(process.env["WEBNN_SEEDS"] ?? (adapter === "swiftshader" ? 60 : 16));
  return Array.from({ length: count }, (_, i) => i + 1);
}

/**
 * What SwiftShader flushes does not count, and GPUs may flush too: float32 values below `least` become
 * zeros of their sign.
 */
function flush({ buffers }: Kernel, all: readonly Uint8Array[], least: number): Uint8Array[] {
  return all.map((bytes, i) => {
    const copy = bytes.slice();
    if (buffers[i]!.dataType !== "float32") return copy;
    const numbers = new Float32Array(copy.buffer);
    numbers.forEach((x, at) => {
      if (Math.abs(x) < least) numbers[at] = x < 0 || Object.is(x, -0) ? -0 : 0;
    });
    return copy;
  });
}

await onEachAdapter("random kernels", async ({ name: adapter, gpu }) => {
  const device = await openDevice(gpu);
  const halves = device.features.has("shader-f16") ? [true, false] : [false];
  const failures: string[] = [];
  for (const seed of seedsFor(adapter)) {
    const { kernel, sizes, inputs } = randomKernel(seed);
    const wanted = interpreted(kernel, sizes, inputs);
    for (const hasHalf of halves) {
      const actual = await runKernel(device, kernel, sizes, inputs, { hasHalf });
      const difference = compareBuffers(kernel, wanted, actual, 8, { flushesSubnormals: true });
      if (difference !== undefined)
        failures.push(`seed ${seed}: ${difference}\n${printKernel(kernel)}`);
    }
  }
  device.destroy();
  assert.deepEqual(failures, []);
});

await onEachAdapter("special values", async ({ name: adapter, gpu }) => {
  const flushes = adapter === "swiftshader";
  const device = await openDevice(gpu);
  const failures: string[] = [];
  for (const { name, kernel, sizes, inputs: all } of specialKernels()) {
    const inputs = flushes ? flush(kernel, all, 2 ** -126) : all;
    const results = [
      interpreted(kernel, sizes, inputs),
      await runKernel(device, kernel, sizes, inputs),
    ].map((bytes) => (flushes ? flush(kernel, bytes, 2 ** -124) : bytes));
    const difference = compareBuffers(kernel, results[0]!, results[1]!, 4, {
      flushesSubnormals: flushes,
    });
    if (difference !== undefined) failures.push(`${name}: ${difference}`);
  }
  device.destroy();
  assert.deepEqual(failures, []);
});

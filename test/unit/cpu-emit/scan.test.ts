/** Emitted kernels that run in steps, against the interpreter, to the last bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emitGeneric } from "../../../core-webnn/cpu/emit-kernel.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { printKernel } from "../../../core-webnn/kernel/print.ts";
import { randomScan } from "../kernel/scan-kernels.ts";
import { mismatch, type Emit } from "./run-kernel.ts";

const seeds = Array.from({ length: 150 }, (_, seed) => seed);
const features = { relaxedSimd: false, threads: false, largeTiles: false };

/** Vectors along a given axis of the space, or along none of it. */
const along =
  (axis: (kernel: Kernel) => Kernel["space"][number] | undefined): Emit =>
  (module, kernel, given) =>
    emitGeneric(module, kernel, given, () => axis(kernel));

const choices: readonly (readonly [what: string, emit: Emit | undefined])[] = [
  ["as the emitter chooses", undefined],
  ["with vectors along points", along(({ space }) => space[0])],
  ["with vectors inside points", along(() => undefined)],
];

for (const [what, emit] of choices) {
  test(`random scans, ${what}`, () => {
    const failures = seeds.flatMap((seed) => {
      const drafted = randomScan(seed);
      const wrong = mismatch(drafted, 0, features, emit);
      return wrong === undefined ? [] : [`seed ${seed}: ${wrong}\n${printKernel(drafted.kernel)}`];
    });
    assert.deepEqual(failures, []);
  });
}

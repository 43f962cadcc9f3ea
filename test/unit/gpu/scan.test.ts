/** Shaders of kernels that run in steps, against the interpreter, to the last bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emitWgsl } from "../../../core-webnn/gpu/emit-wgsl.ts";
import { printKernel } from "../../../core-webnn/kernel/print.ts";
import { visitStmts } from "../../../core-webnn/kernel/visit.ts";
import { evaluateSize } from "../../../core-webnn/util/size.ts";
import { compareBuffers } from "../kernel/random-kernel.ts";
import { randomScan } from "../kernel/scan-kernels.ts";
import { onEachAdapter } from "./adapters.ts";
import { interpreted } from "./interpreted.ts";
import { openDevice, runKernel } from "./run-kernel.ts";

const seeds = Array.from({ length: 12 }, (_, seed) => seed);

test("a workgroup shares a point that has loops; else each invocation has a point", () => {
  const kinds = new Set<string>();
  for (const seed of seeds) {
    const { kernel, sizes } = randomScan(seed);
    let hasLoop = false;
    visitStmts(kernel.body, ({ kind }) => (hasLoop ||= kind === "loop"));
    const { workgroups, code } = emitWgsl(kernel, { hasHalf: false });
    assert.equal(evaluateSize(workgroups, sizes), hasLoop ? kernel.space[0]!.extent : 1);
    assert.equal(code.includes("storageBarrier();"), hasLoop);
    kinds.add(`${hasLoop}`);
  }
  assert.equal(kinds.size, 2);
});

await onEachAdapter("random scans", async ({ gpu }) => {
  const device = await openDevice(gpu);
  const failures: string[] = [];
  for (const seed of seeds) {
    const { kernel, sizes, inputs } = randomScan(seed);
    const wanted = interpreted(kernel, sizes, inputs);
    const actual = await runKernel(device, kernel, sizes, inputs);
    const difference = compareBuffers(kernel, wanted, actual, 0);
    if (difference !== undefined) {
      failures.push(`seed ${seed}: ${difference}\n${printKernel(kernel)}`);
    }
  }
  device.destroy();
  assert.deepEqual(failures, []);
});

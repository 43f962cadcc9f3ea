/**
 * A two-layer perceptron through the public interface, its batch a named size: interpreted, in WebAssembly with one
 * thread and with two, and in WGSL. All agree with float64, and one build serves every batch.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extensions, ml, type MLContext } from "../../../core-webnn/index.ts";
import { interpreterContext } from "../../reference/interpreter-context.ts";
import { perceptronBatches, perceptronError } from "../../reference/perceptron.ts";
import { missing } from "../../models/whisper/requirements.ts";

test("the perceptron is right in the interpreter", () => check(interpreterContext()));

for (const numThreads of [1, 2]) {
  test(`the perceptron is right on the CPU device, threads: ${numThreads}`, async () =>
    check(await ml.createContext({ deviceType: "cpu", numThreads })));
}

test("the perceptron is right on the GPU device", { skip: missing("gpu") }, async () => {
  const context = await ml.createContext({ deviceType: "gpu" });
  assert.equal(context.accelerated, true);
  await check(context);
});

test("two contexts side by side do not disturb each other", async () => {
  const contexts = await Promise.all([1, 2].map((numThreads) => ml.createContext({ numThreads })));
  await Promise.all(contexts.map(check));
});

async function check(context: MLContext): Promise<void> {
  const error = await perceptronError(context);
  assert.ok(error <= 1e-5, `the largest error is ${error}`);
  const offered = extensions(context);
  assert.ok(offered.dynamicDimensions);
  assert.equal((await offered.statistics()).dispatches, perceptronBatches.length);
  context.destroy();
}

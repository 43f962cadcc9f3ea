/** What `run-seeds.ts` starts: spoils and tries one file after the other, and tells its parent which. */
import assert from "node:assert/strict";
import { floats, numbers } from "../adapters/onnxruntime/tensors.ts";
import { f32, writeModel } from "../adapters/onnxruntime/onnx-writer.ts";
import { openContext, openSession } from "../adapters/onnxruntime/open-session.ts";
import { mutate } from "./mutate.ts";
import { listOriginals } from "./originals.ts";
import { tryFile } from "./try-file.ts";

const [first, last] = process.argv.slice(2).map(Number) as [number, number];
const originals = listOriginals();
const context = await openContext();
for (let seed = first; seed < last; seed++) {
  process.send!({ seed });
  // A stride that is a prime: each run of seeds meets all kinds of files.
  const original = originals[(seed * 7919) % originals.length]!;
  const says = await tryFile(mutate(original, seed), context);
  if (says !== undefined) process.send!({ seed, says });
  if (seed % 100 === 0) await checkContext(seed);
}
process.send!({ isDone: true });
process.disconnect();

/** What has been refused has spoiled nothing. */
async function checkContext(seed: number): Promise<void> {
  const known = writeModel({
    nodes: [{ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
    inputs: [{ name: "x", type: "float32", shape: [1, 2] }],
    outputs: [{ name: "y", type: "float32" }],
    initializers: { w: f32([2, 1], [10, 100]) },
  });
  try {
    const session = openSession(known, context);
    assert.deepEqual(await numbers((await session.fetch({ x: floats([1, 2]) }))["y"]), [210]);
    await session.dispose();
  } catch (error) {
    process.send!({ seed, says: `a right model afterwards: ${String(error)}` });
  }
}

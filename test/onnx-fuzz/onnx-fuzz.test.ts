/** Some spoiled files, always the same; `npm run onnx-fuzz` goes on with others. What it found stays here in small. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "onnxruntime-common";
import { OnnxModelError } from "../../adapters/onnxruntime/errors.ts";
import { f32, i64 } from "../adapters/onnxruntime/onnx-writer.ts";
import { openContext, openSession } from "../adapters/onnxruntime/open-session.ts";
import { floats, numbers } from "../adapters/onnxruntime/tensors.ts";
import { parseFields, writeFields } from "./fields.ts";
import { mutate } from "./mutate.ts";
import { listOriginals } from "./originals.ts";
import { runSeeds } from "./run-seeds.ts";

test("spoiled files end in results or typed errors", async () => {
  const failures = await runSeeds(1, 1000);
  assert.deepEqual(failures, []);
});

test("a file that is parsed and written is the same file", () => {
  for (const file of listOriginals()) assert.deepEqual(writeFields(parseFields(file)!), file);
});

test("files are spoiled, by a seed in one way", () => {
  const file = listOriginals()[0]!;
  const spoiled = Array.from({ length: 50 }, (_, seed) => mutate(file, seed));
  const others = spoiled.filter((bytes) => Buffer.compare(bytes, file) !== 0);
  assert.ok(others.length > 40, `${others.length} of 50`);
  assert.deepEqual(mutate(file, 7), spoiled[7]);
});

test("sizes that do not fit are errors of the model", async () => {
  const context = await openContext();
  const session = openSession(
    {
      nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
      inputs: [{ name: "x", type: "float32", shape: ["n", "m"] }],
      outputs: [{ name: "y", type: "float32" }],
      initializers: { w: f32([3], [1, 2, 3]), unused: i64([1], [1]) },
    },
    context,
  );
  await session.fetch({ x: floats([2, 3]) });
  await assert.rejects(session.fetch({ x: floats([2, 4]) }), (error) => {
    assert.ok(error instanceof OnnxModelError, String(error));
    assert.match(error.message, /Add_0|do not broadcast|do not fit/);
    return true;
  });
  await session.fetch({ x: floats([1, 3]) });
  await session.dispose();
  context.destroy();
});

test("a product that has no matrices is an error of the model", async () => {
  const context = await openContext();
  const u8 = (name: string, shape: readonly number[]) => ({ name, type: "uint8", shape }) as const;
  const session = openSession(
    {
      nodes: [{ op: "MatMulInteger", name: "product", inputs: ["a", "b"], outputs: ["y"] }],
      inputs: [u8("a", []), u8("b", [3, 2])],
      outputs: [{ name: "y", type: "int32" }],
    },
    context,
  );
  const bytes = (dims: readonly number[]) =>
    new Tensor("uint8", new Uint8Array(dims.reduce((a, b) => a * b, 1)), dims);
  await assert.rejects(session.fetch({ a: bytes([]), b: bytes([3, 2]) }), (error) => {
    assert.ok(error instanceof OnnxModelError, String(error));
    assert.match(error.message, /'y': matmul 'product': a has rank 0/);
    return true;
  });
  await session.dispose();
  context.destroy();
});

test("a concat that begins with a fill reads nothing before its input", async () => {
  const context = await openContext();
  const [outer, inner] = [2, 635];
  const session = openSession(
    {
      opset: 26,
      nodes: [
        {
          op: "CumProd",
          inputs: ["x", "axis"],
          outputs: ["y"],
          attributes: { exclusive: { int: 1 } },
        },
      ],
      inputs: [{ name: "x", type: "float32", shape: [outer, inner] }],
      outputs: [{ name: "y", type: "float32" }],
      initializers: { axis: i64([], [0]) },
    },
    context,
  );
  const { y } = await session.fetch({ x: floats([outer, inner]) });
  // The product of nothing, then of the first line, which counts from 1.
  const expected = Array.from({ length: outer * inner }, (_, i) => (i < inner ? 1 : i - inner + 1));
  assert.deepEqual(await numbers(y), expected);
  await session.dispose();
  context.destroy();
});

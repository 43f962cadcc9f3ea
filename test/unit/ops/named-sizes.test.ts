/** Rows with named sizes: one build serves every value, and what cannot be decided is checked at dispatch. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extensions } from "../../../core-webnn/api/extensions.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import type { MLOperand } from "../../../core-webnn/api/ml-operand.ts";
import {
  addSizes,
  formatShape,
  multiplySizes,
  named,
  type NamedSize,
  type Size,
} from "../../../core-webnn/util/size.ts";
import { decode, encode, newContext } from "./run-graph.ts";

const n = named({ name: "n" });
const rows: NamedSize = { name: "n", maxSize: 64 };

interface Shaped {
  readonly why: string;
  readonly inputs: readonly (readonly (Size | NamedSize)[])[];
  readonly make: (b: MLGraphBuilder, operands: readonly MLOperand[]) => MLOperand;
  readonly shape: string;
}

const shapes: readonly Shaped[] = [
  {
    why: "1 repeats against a name",
    inputs: [
      [n, 4],
      [1, 4],
    ],
    make: (b, [x, y]) => b.add(x!, y!),
    shape: "[n, 4]",
  },
  {
    why: "a number says more than a name that must equal it",
    inputs: [
      [n, 4],
      [3, 1],
    ],
    make: (b, [x, y]) => b.add(x!, y!),
    shape: "[3, 4]",
  },
  {
    why: "concat adds",
    inputs: [
      [n, 4],
      [1, 4],
    ],
    make: (b, operands) => b.concat(operands, 0),
    shape: "[n + 1, 4]",
  },
  {
    why: "matmul takes names anywhere",
    inputs: [
      [2, n, 4],
      [2, 4, n],
    ],
    make: (b, [x, y]) => b.matmul(x!, y!),
    shape: "[2, n, n]",
  },
  {
    why: "reshape takes expressions",
    inputs: [[n, 6]],
    make: (b, [x]) => b.reshape(x!, [multiplySizes(n, 2), 3]),
    shape: "[2*n, 3]",
  },
  {
    why: "slice with a stride divides",
    inputs: [[n, 4]],
    make: (b, [x]) => b.slice(x!, [0, 0], [n, 4], { strides: [2, 1] }),
    shape: "[floor((n + 1)/(2)), 4]",
  },
  {
    why: "conv2d divides by its stride",
    inputs: [[1, 1, 1, n]],
    make: (b, [x]) =>
      b.conv2d(x!, b.constant({ dataType: "float32", shape: [1, 1, 1, 3] }, new Float32Array(3)), {
        padding: [0, 0, 1, 1],
        strides: [1, 2],
      }),
    shape: "[1, 1, 1, floor((n - 1)/(2)) + 1]",
  },
  {
    why: "expand to a name",
    inputs: [
      [1, 4],
      [n, 4],
    ],
    make: (b, [x, y]) => b.add(b.expand(x!, [n, 4]), y!),
    shape: "[n, 4]",
  },
];

for (const { why, inputs, make, shape } of shapes) {
  test(why, () => {
    const builder = new MLGraphBuilder(newContext());
    const operands = inputs.map((dims, i) =>
      builder.input(`x${i}`, { dataType: "float32", shape: dims }),
    );
    assert.equal(formatShape(make(builder, operands).shape), shape);
  });
}

test("one graph runs for several sizes", async () => {
  const context = newContext();
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", { dataType: "float32", shape: [rows, 2] });
  const total = builder.reduceSum(x, { axes: [0] });
  const graph = await builder.build({ total, doubled: builder.concat([x, x], 0) });
  for (const size of [1, 3, 64]) {
    const values = Array.from({ length: 2 * size }, (_, i) => i);
    const given = await context.createTensor({
      dataType: "float32",
      shape: [size, 2],
      writable: true,
    });
    const sums = await context.createTensor({ dataType: "float32", shape: [2], readable: true });
    const twice = await context.createTensor({
      dataType: "float32",
      shape: [2 * size, 2],
      readable: true,
    });
    context.writeTensor(given, encode("float32", values));
    context.dispatch(graph, { x: given }, { total: sums, doubled: twice });
    const expected = [size * (size - 1), size * size];
    assert.deepEqual(decode("float32", await context.readTensor(sums)), expected);
    assert.deepEqual(decode("float32", await context.readTensor(twice)), [...values, ...values]);
  }
});

test("iota counts to a named length from a named start", async () => {
  const context = newContext();
  const offered = extensions(context);
  assert.ok(offered.dynamicDimensions);
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", { dataType: "int32", shape: [rows] });
  const indices = offered.iota(builder, { dataType: "int32", length: rows, start: n, delta: 2 });
  const graph = await builder.build({ y: builder.add(x, indices) });
  const given = await context.createTensor({ dataType: "int32", shape: [3], writable: true });
  const result = await context.createTensor({ dataType: "int32", shape: [3], readable: true });
  context.dispatch(graph, { x: given }, { y: result });
  assert.deepEqual(decode("int32", await context.readTensor(result)), [3, 5, 7]);
});

const refusals: readonly {
  readonly why: string;
  readonly given: Readonly<Record<string, readonly number[]>>;
  readonly says: RegExp;
}[] = [
  {
    why: "a name has two values",
    given: { x: [2, 3], y: [3, 3] },
    says: /input 'y' dimension 0 is 3, but 'n' is 2 in another input/,
  },
  { why: "a name is over its maximum", given: { x: [9, 3], y: [9, 3] }, says: /more than 8/ },
  {
    why: "a claim of an op does not hold",
    given: { x: [5, 3], y: [5, 3] },
    says: /slice 'head': end of the slice and size of dimension 0: 6 is more than 5/,
  },
  { why: "a rank differs", given: { x: [6], y: [6, 3] }, says: /input 'x' has rank 1, not 2/ },
  { why: "an input is missing", given: { x: [6, 3] }, says: /input 'y' is missing/ },
  {
    why: "an expression does not agree",
    given: { x: [6, 3], y: [6, 3], z: [6] },
    says: /input 'z' has shape \[6\], not \[n \+ 1\], here \[7\]/,
  },
];

for (const { why, given, says } of refusals) {
  test(`dispatch is refused where ${why}`, async () => {
    const context = newContext();
    const builder = new MLGraphBuilder(context);
    const shape = [{ name: "n", maxSize: 8 }, 3];
    const [x, y] = ["x", "y"].map((name) => builder.input(name, { dataType: "float32", shape }));
    const z = builder.input("z", { dataType: "float32", shape: [addSizes(n, 1)] });
    const head = builder.slice(builder.add(x!, y!), [0, 0], [6, 3], { label: "head" });
    const sum = builder.reduceSum(z);
    const graph = await builder.build({ out: builder.add(head, sum) });
    const make = (dims: readonly number[]) =>
      context.createTensor({ dataType: "float32", shape: dims });
    const shapesGiven =
      "y" in given && !("z" in given) ? { ...given, z: [given["x"]![0]! + 1] } : given;
    const tensors = await Promise.all(
      Object.entries(shapesGiven).map(async ([name, dims]) => [name, await make(dims)]),
    );
    const out = await make([6, 3]);
    assert.throws(() => context.dispatch(graph, Object.fromEntries(tensors), { out }), says);
  });
}

test("a name that no input has alone is refused when the graph is built", async () => {
  const builder = new MLGraphBuilder(newContext());
  const x = builder.input("x", { dataType: "float32", shape: [addSizes(n, 1)] });
  await assert.rejects(builder.build({ y: builder.neg(x) }), /named size 'n'/);
});

test("a claim that can never hold is refused at once", () => {
  const builder = new MLGraphBuilder(newContext());
  const x = builder.input("x", { dataType: "float32", shape: [n, 2] });
  const y = builder.input("y", { dataType: "float32", shape: [addSizes(n, 1), 2] });
  assert.throws(
    () => builder.add(x, y, { label: "never" }),
    /^TypeError: add 'never': dimension 0 of a and b.* \[never\]$/,
  );
});

/** Generation with caches whose names say nothing: found by use, kept on the device, reordered, shared and rewound. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import type { MLContext } from "../../../core-webnn/index.ts";
import { f32, i64, type ModelSpec, type NodeSpec } from "./onnx-writer.ts";
import { openContext, openSession, type TestSession } from "./open-session.ts";
import { noise } from "./cases/make-case.ts";
import { floats, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: NodeSpec["attributes"] = {},
): NodeSpec => ({ op, name: `${op} ${output}`, inputs, outputs: [output], attributes });

const width = 4;
const weights = {
  wq: noise(width * width, 1, 3),
  wk: noise(width * width, 1, 5),
  wv: noise(width * width, 1, 7),
};
const matrix = (data: readonly number[]) => f32([width, width], data);

const projections = [
  node("MatMul", ["x", "wq"], "q"),
  node("MatMul", ["x", "wk"], "k"),
  node("MatMul", ["x", "wv"], "v"),
];
const attention = [
  node("Transpose", ["keys"], "kt", { perm: { ints: [0, 2, 1] } }),
  node("MatMul", ["q", "kt"], "scores"),
  node("Softmax", ["scores"], "p", { axis: { int: -1 } }),
  node("MatMul", ["p", "values"], "y"),
];

/** One head over [batch, position, width]: "a" and "b" are past keys and values, "c" and "d" present ones. */
const growing: ModelSpec = {
  nodes: [
    ...projections,
    node("Concat", ["a", "k"], "keys", { axis: { int: 1 } }),
    node("Concat", ["b", "v"], "values", { axis: { int: 1 } }),
    ...attention,
    node("Identity", ["keys"], "c"),
    node("Identity", ["values"], "d"),
  ],
  inputs: [
    { name: "x", type: "float32", shape: ["batch", 1, width] },
    { name: "a", type: "float32", shape: ["batch", "before", width] },
    { name: "b", type: "float32", shape: ["batch", "before", width] },
  ],
  outputs: [
    { name: "y", type: "float32" },
    { name: "c", type: "float32", shape: ["batch", "after", width] },
    { name: "d", type: "float32", shape: ["batch", "after", width] },
  ],
  initializers: { wq: matrix(weights.wq), wk: matrix(weights.wk), wv: matrix(weights.wv) },
};

/** The same over three positions that are there from the start; "at" is where the new one goes. */
const fixed: ModelSpec = {
  ...growing,
  nodes: [
    ...projections,
    node("Squeeze", ["k", "one"], "k row"),
    node("Squeeze", ["v", "one"], "v row"),
    node("ScatterND", ["a", "at", "k row"], "keys"),
    node("ScatterND", ["b", "at", "v row"], "values"),
    ...attention,
    node("Identity", ["keys"], "c"),
    node("Identity", ["values"], "d"),
  ],
  inputs: [
    { name: "x", type: "float32", shape: [1, 1, width] },
    { name: "a", type: "float32", shape: [1, 3, width] },
    { name: "b", type: "float32", shape: [1, 3, width] },
    { name: "at", type: "int64", shape: [1, 2] },
  ],
  outputs: [
    { name: "y", type: "float32" },
    { name: "c", type: "float32", shape: [1, 3, width] },
    { name: "d", type: "float32", shape: [1, 3, width] },
  ],
  initializers: { ...growing.initializers, one: i64([1], [1]) },
};

/** Attention of the last of these inputs over all of them, in float64. */
function expected(history: readonly (readonly number[])[]): number[] {
  const times = (x: readonly number[], w: readonly number[]) =>
    Array.from({ length: width }, (_, j) =>
      x.reduce((sum, xi, i) => sum + xi * w[i * width + j]!, 0),
    );
  const dot = (u: readonly number[], v: readonly number[]) =>
    u.reduce((s, ui, i) => s + ui * v[i]!, 0);
  const q = times(history.at(-1)!, weights.wq);
  const powers = history.map((x) => Math.exp(dot(q, times(x, weights.wk))));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const values = history.map((x) => times(x, weights.wv));
  return Array.from({ length: width }, (_, j) =>
    values.reduce((sum, value, t) => sum + (powers[t]! / total) * value[j]!, 0),
  );
}

function assertClose(actual: readonly number[], wanted: readonly number[]): void {
  assert.equal(actual.length, wanted.length);
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - wanted[i]!) < 1e-5, `[${i}]: ${value}, not ${wanted[i]}`);
  });
}

const input = (seed: number): number[] => noise(width, 1, seed);
const [x1, x2, x3, x4] = [input(11), input(12), input(13), input(14)] as const;

interface Cache {
  readonly a: Tensor;
  readonly b: Tensor;
}
const empty = (batch: number): Cache => ({
  a: floats([batch, 0, width], []),
  b: floats([batch, 0, width], []),
});

/** Feeds one position of each of the batch; gives what attention makes of it, and the caches. */
async function step(
  session: TestSession,
  rows: readonly (readonly number[])[],
  cache: Cache,
): Promise<{ readonly y: readonly number[]; readonly next: Cache }> {
  const x = floats([rows.length, 1, width], rows.flat());
  const { y, c, d } = await session.fetch({ x, ...cache });
  return { y: await numbers(y), next: { a: c!, b: d! } };
}

const open = (model = growing) =>
  openSession(model, context, {
    preferredOutputLocation: { y: "cpu", c: "ml-tensor", d: "ml-tensor" },
  });

describe("caches", () => {
  it("are found by use: appended to, written into, or inside of branches", () => {
    assert.deepEqual(open().report().caches, [
      { past: "a", present: "c", kind: "growing" },
      { past: "b", present: "d", kind: "growing" },
    ]);
    assert.deepEqual(open(fixed).report().caches, [
      { past: "a", present: "c", kind: "fixed" },
      { past: "b", present: "d", kind: "fixed" },
    ]);
    const float = (name: string) => ({ name, type: "float32" as const });
    const merged = openSession(
      {
        nodes: [
          {
            op: "If",
            name: "merged",
            inputs: ["flag"],
            outputs: ["y", "z"],
            attributes: {
              then_branch: {
                graph: {
                  nodes: [
                    node("Split", ["both"], "head", { axis: { int: 0 }, num_outputs: { int: 1 } }),
                    node("Concat", ["head", "x"], "r", { axis: { int: 1 } }),
                    node("Add", ["both", "x"], "s"),
                  ],
                  outputs: [float("r"), float("s")],
                },
              },
              else_branch: {
                graph: {
                  nodes: [node("Relu", ["x"], "t"), node("Neg", ["x"], "u")],
                  outputs: [float("t"), float("u")],
                },
              },
            },
          },
        ],
        inputs: [float("x"), float("both"), { name: "flag", type: "bool", shape: [] }],
        outputs: [float("y"), float("z")],
        opset: 18,
      },
      context,
    );
    assert.deepEqual(merged.report().caches, [{ past: "both", present: "y", kind: "growing" }]);
  });

  it("stay on the device, and need one graph however long they are", async () => {
    const session = open();
    let { y, next } = await step(session, [x1], empty(1));
    const history = [x1];
    for (const x of [x2, x3, x4, x1, x3, x2]) {
      history.push(x);
      ({ y, next } = await step(session, [x], next));
      assertClose(y, expected(history));
    }
    const { bytes, graphs } = session.report();
    for (const name of ["a", "b", "c", "d"]) assert.equal(bytes.byName[name], undefined, name);
    // One for the empty past.
    assert.equal(graphs, 2);
    assert.deepEqual(next.a.dims, [1, 7, width]);
  });

  it("of fixed size are written into, and stay there as well", async () => {
    const session = open(fixed);
    const blank = () => floats([1, 3, width], new Array<number>(3 * width).fill(0));
    let cache: Cache = { a: blank(), b: blank() };
    let y: Tensor | undefined;
    for (const [t, x] of [x1, x2, x3].entries()) {
      const at = new Tensor("int64", BigInt64Array.of(0n, BigInt(t)), [1, 2]);
      const results = await session.fetch({ x: floats([1, 1, width], x), ...cache, at });
      y = results["y"];
      cache = { a: results["c"]!, b: results["d"]! };
    }
    assertClose(await numbers(y), expected([x1, x2, x3]));
    const { bytes, graphs } = session.report();
    assert.equal(graphs, 1);
    // The blank ones were written once; nothing was read.
    assert.deepEqual(bytes.byName["a"], { written: 48, read: 0 });
    assert.equal(bytes.byName["c"], undefined);
  });

  it("may be reordered by the caller, as beams are", async () => {
    const session = open();
    const first = await step(session, [x1, x2], empty(2));
    // Both beams go on from the second, then from what was the first of these.
    const reorder = async (tensor: Tensor, beams: readonly number[]) => {
      const data = await numbers(tensor);
      const row = tensor.dims[1]! * width;
      const rows = beams.flatMap((beam) => data.slice(beam * row, (beam + 1) * row));
      return floats([beams.length, ...tensor.dims.slice(1)], rows);
    };
    const pick = async ({ a, b }: Cache, beams: readonly number[]): Promise<Cache> => ({
      a: await reorder(a, beams),
      b: await reorder(b, beams),
    });
    const second = await step(session, [x3, x4], await pick(first.next, [1, 1]));
    assertClose(second.y, [...expected([x2, x3]), ...expected([x2, x4])]);
    const third = await step(session, [x1, x1, x2], await pick(second.next, [1, 0, 1]));
    assertClose(third.y, [
      ...expected([x2, x4, x1]),
      ...expected([x2, x3, x1]),
      ...expected([x2, x4, x2]),
    ]);
    // Only what the caller moved: 2 rows of 1 position, 3 of 2.
    const byte = 4 * width;
    assert.deepEqual(session.report().bytes.byName["a"], {
      written: (2 + 6) * byte,
      read: 0,
    });
  });

  it("may be fed twice: each branch goes its own way", async () => {
    const session = open();
    const { next: trunk } = await step(session, [x1], empty(1));
    const left = await step(session, [x2], trunk);
    const right = await step(session, [x3], trunk);
    const leftAgain = await step(session, [x4], left.next);
    const rightAgain = await step(session, [x4], right.next);
    assertClose(left.y, expected([x1, x2]));
    assertClose(right.y, expected([x1, x3]));
    assertClose(leftAgain.y, expected([x1, x2, x4]));
    assertClose(rightAgain.y, expected([x1, x3, x4]));
    for (const name of ["a", "b", "c", "d"]) {
      assert.equal(session.report().bytes.byName[name], undefined, name);
    }
  });

  it("may be the same tensor for keys and values", async () => {
    const session = open({
      ...growing,
      initializers: { ...growing.initializers, wv: matrix(weights.wk) },
    });
    const { next } = await step(session, [x1], empty(1));
    const apart = await step(session, [x2], next);
    const same = await step(session, [x2], { a: next.a, b: next.a });
    assertClose(same.y, apart.y);
  });

  it("may be rewound: an older one is as it was", async () => {
    const session = open();
    const one = await step(session, [x1], empty(1));
    const two = await step(session, [x2], one.next);
    const three = await step(session, [x3], two.next);
    assertClose(three.y, expected([x1, x2, x3]));
    const other = await step(session, [x4], one.next);
    assertClose(other.y, expected([x1, x4]));
    const again = await step(session, [x3], two.next);
    assert.deepEqual(again.y, three.y);
  });
});

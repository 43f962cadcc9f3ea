/** The interpreter against plain JavaScript, and what it refuses to do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addAddress,
  axisAddress,
  constant,
  subtractAddress,
  valueAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  cast,
  compare,
  f32,
  guard,
  i32,
  index,
  load,
  local,
  select,
} from "../../../core-webnn/kernel/expr.ts";
import { bufferView, interpret } from "../../../core-webnn/kernel/interpret.ts";
import type { Axis, Expr, Kernel, Local } from "../../../core-webnn/kernel/ir.ts";
import type { Sizes } from "../../../core-webnn/util/size.ts";
import { matmul, pointwise, softmax } from "./kernels.ts";
import { encode, seededRandom, zeros } from "./random-draft.ts";

/** Runs a kernel whose last buffer is its only output; gives that. */
function run(kernel: Kernel, inputs: readonly (readonly (number | bigint)[])[], sizes: Sizes = {}) {
  const output = kernel.buffers.at(-1)!;
  const count = Number(output.elementCount);
  const views = inputs.map((numbers, i) => {
    const { dataType } = kernel.buffers[i]!;
    return bufferView(dataType, encode(dataType, numbers));
  });
  const length = Number.isNaN(count) ? inputs[0]!.length : count;
  const view = bufferView(output.dataType, zeros(output.dataType, length));
  interpret(kernel, [...views, view], sizes);
  return [...(view as Iterable<number | bigint>)];
}

const randomNumbers = (count: number, seed = 1): number[] => {
  const { below } = seededRandom(seed);
  return Array.from({ length: count }, () => Math.fround(below(1000) / 250 - 2));
};

test("softmax with two symbolic sizes", () => {
  const [rows, columns] = [3, 5];
  const x = randomNumbers(rows * columns);
  const got = run(softmax(), [x], { rows, past: columns - 1 });
  for (let row = 0; row < rows; row++) {
    const line = x.slice(row * columns, (row + 1) * columns).map(Math.exp);
    const sum = line.reduce((a, b) => a + b);
    line.forEach((e, i) => {
      const difference = Math.abs(Number(got[row * columns + i]) - e / sum);
      assert.ok(difference < 2e-7, `[${row}, ${i}] is off by ${difference}`);
    });
  }
});

test("a contraction sums in float32 and its epilogue sees the sum", () => {
  const [m, n, k] = [3, 2, 5];
  const [a, b, bias] = [randomNumbers(m * k, 2), randomNumbers(n * k, 3), [0.5, -1]];
  const got = run(matmul(m, n, k), [a, b, bias]);
  const { fround } = Math;
  for (let i = 0; i < m * n; i++) {
    const [row, column] = [Math.floor(i / n), i % n];
    let sum = 0;
    for (let j = 0; j < k; j++) sum = fround(sum + fround(a[row * k + j]! * b[column * k + j]!));
    assert.equal(got[i], fround(sum + bias[column]!));
  }
});

const at = axisAddress;
const widened: readonly (readonly [Kernel["buffers"][number]["dataType"], number[], number[]])[] = [
  ["int8", [-128, -1, 0, 127], [-128, -1, 0, 127]],
  ["uint8", [0, 1, 128, 255], [0, 1, 128, 255]],
  ["int4", [-8, -1, 0, 7], [-8, -1, 0, 7]],
  ["uint4", [0, 1, 8, 15], [0, 1, 8, 15]],
  ["float16", [0.1, 65504, -0.5, 2 ** -24], [0.0999755859375, 65504, -0.5, 2 ** -24]],
];
for (const [type, values, expected] of widened) {
  test(`loads of ${type} widen`, () => {
    const kind = type === "float16" ? "f32" : /u/.test(type) ? "u32" : "i32";
    const kernel = pointwise([type], "float32", (i) => cast("f32", load(kind, 0, at(i))));
    assert.deepEqual(run(kernel, [values]), expected);
  });
}

test("two 4-bit elements share a byte, low nibble first", () => {
  const view = bufferView("uint4", Uint8Array.of(0x21, 0x43));
  const output = bufferView("uint32", new ArrayBuffer(16));
  const kernel = pointwise(["uint4"], "uint32", (i) => load("u32", 0, at(i)));
  interpret(kernel, [view, output], {});
  assert.deepEqual([...(output as Uint32Array)], [1, 2, 3, 4]);
});

test("stores narrow", () => {
  const numbers = [300, -1, 128, 65535];
  const copy = (output: "int8" | "uint8"): Kernel =>
    pointwise(["int32"], output, (i) => load("i32", 0, at(i)));
  assert.deepEqual(run(copy("int8"), [numbers]), [44, -1, -128, -1]);
  assert.deepEqual(run(copy("uint8"), [numbers]), [44, 255, 128, 255]);
  const negative = pointwise(["int32"], "uint8", (i) =>
    compare("lt", load("i32", 0, at(i)), i32(0)),
  );
  assert.deepEqual(run(negative, [numbers]), [0, 1, 0, 0]);
  const halves = pointwise(["float32"], "float16", (i) => load("f32", 0, at(i)));
  assert.deepEqual(run(halves, [[1, 2049, 1e6, -0]]), [0x3c00, 0x6800, 0x7c00, 0x8000]);
});

test("an address may be loaded", () => {
  const kernel = pointwise(["int64", "float32"], "float32", (i) =>
    load("f32", 1, valueAddress(load("i64", 0, at(i)))),
  );
  assert.deepEqual(run(kernel, [[3, 0, 0, 2], [10, 11, 12, 13]]), [13, 10, 10, 12]); // prettier-ignore
});

const before = (i: Axis) => subtractAddress(at(i), constant(1));
const isInside = (i: Axis): Expr => compare("ge", index(before(i)), i32(0));

test("what a guard keeps out is not evaluated", () => {
  const kernel = pointwise(["float32"], "float32", (i) =>
    guard(isInside(i), load("f32", 0, before(i)), f32(-1)),
  );
  assert.deepEqual(run(kernel, [[10, 11, 12, 13]]), [-1, 10, 11, 12]);
});

test("both sides of a select are: a load outside throws, naming the point", () => {
  const kernel = pointwise(["float32"], "float32", (i) =>
    select(isInside(i), load("f32", 0, before(i)), f32(-1)),
  );
  assert.throws(
    () => run(kernel, [[1, 2, 3, 4]]),
    /load from element -1 of buffer 0, which has 4 \(i = 0\)/,
  );
});

test("a store outside throws", () => {
  const kernel = pointwise(["float32"], "float32", (i) => load("f32", 0, at(i)));
  const [store] = kernel.body;
  assert.ok(store?.kind === "store");
  const moved = { ...store, address: addAddress(store.address, constant(1)) };
  const broken = { ...kernel, body: [moved] };
  assert.throws(() => run(broken, [[1, 2, 3, 4]]), /store to element 4 of buffer 1/);
});

test("an index that does not fit int32 throws", () => {
  const kernel = pointwise(["int64", "float32"], "float32", (i) =>
    load("f32", 1, valueAddress(load("i64", 0, at(i)))),
  );
  const indices = [0n, 0n, 2n ** 32n, 0n];
  assert.throws(() => run(kernel, [indices, [1, 2, 3, 4]]), /address 4294967296 does not fit/);
});

test("a buffer that is too small, or missing, throws", () => {
  const kernel = pointwise(["float32"], "float32", (i) => load("f32", 0, at(i)));
  const [three, four] = [3, 4].map((n) => bufferView("float32", zeros("float32", n)));
  assert.throws(
    () => interpret(kernel, [three!, four!], {}),
    /buffer 0 has 3 elements, the kernel needs 4/,
  );
  assert.throws(() => interpret(kernel, [four!], {}), /1 buffers for a kernel of 2/);
});

test("the states of a reduction change together", () => {
  // A Fibonacci pair: (a, b) ← (b, a + b); in turn it would double instead.
  const [a, b] = ["a", "b"].map((name): Local => ({ name, type: "i32" })) as [Local, Local];
  const incoming = ["p", "q"].map((name): Local => ({ name, type: "i32" }));
  const k: Axis = { name: "k", extent: 10 };
  const kernel: Kernel = {
    buffers: [{ dataType: "int32", elementCount: 1, access: "write" }],
    space: [],
    body: [
      {
        kind: "reduce",
        axes: [k],
        lets: [],
        state: [a, b],
        incoming,
        init: [i32(0), i32(1)],
        map: [i32(0), i32(0)],
        combine: [local(b), binary("add", local(a), local(b))],
      },
      { kind: "store", buffer: 0, address: constant(0), value: local(a) },
    ],
  };
  assert.deepEqual(run(kernel, []), [55]);
});

test("an axis of no points runs nothing; a sum over it is its init", () => {
  const kernel = softmax();
  assert.deepEqual(run(kernel, [[]], { rows: 0, past: 3 }), []);
});

test("bufferView looks at bytes in place", () => {
  const bytes = new Uint8Array(16);
  const view = bufferView("int32", bytes.subarray(4, 12));
  assert.equal(view.length, 2);
  view[0] = -1;
  assert.deepEqual([...bytes], [0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
});

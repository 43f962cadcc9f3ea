/** int4 and uint4: outputs of quantizeLinear, inputs of dequantizeLinear, reshaped, tensors; two elements a byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MLOperand } from "../../../core-webnn/api/ml-operand.ts";
import type { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import { encodeValues } from "../../reference/values.ts";
import { at, fill, ramp } from "./reference.ts";
import { f32, newContext, run, tensor, type TensorValue } from "./run-graph.ts";

type FourBits = "int4" | "uint4";
const ranges = { int4: [-8, 7], uint4: [0, 15] } as const;

/** Shapes of values and of scale: odd and even counts and last dimensions, blocks. */
const shapes: readonly (readonly [shape: readonly number[], scale: readonly number[]])[] = [
  [[], []],
  [[1], [1]],
  [[2], [2]],
  [[3], [1]],
  [
    [5, 7],
    [1, 7],
  ],
  [
    [5, 8],
    [5, 1],
  ],
  [
    [3, 2, 9],
    [3, 1, 3],
  ],
  [
    [4, 33],
    [2, 1],
  ],
  [
    [1, 1030],
    [1, 2],
  ],
];

const reshapes: readonly (readonly [from: readonly number[], to: readonly number[]])[] = [
  [[], [1, 1]],
  [[3], [1, 3, 1]],
  [
    [3, 5],
    [5, 3],
  ],
  [[2, 2, 8], [32]],
];

for (const type of ["int4", "uint4"] as const) {
  for (const [shape, scaleShape] of shapes) {
    test(`quantizeLinear to ${type}[${shape}] by blocks of [${scaleShape}], and back`, async () => {
      const x = ramp(shape);
      const scale = { ...ramp(scaleShape), values: ramp(scaleShape).values.map(positive) };
      const zero = tensor(type, scale.values.map((_, i) => (i * 5) % 7), scaleShape); // prettier-ignore
      const [q, again] = await run([x, scale, zero], quantizeTwice);
      const expected = fill(shape, (index) => quantized(type, x, scale, zero, index));
      assert.deepEqual(q!.values, expected);
      assert.deepEqual(again!.values, expected, "a second output of the same operand");

      const [back] = await run([{ ...q!, shape }, scale, zero], (b, [p, s, z]) =>
        b.dequantizeLinear(p!, s!, z!),
      );
      const real = fill(shape, (index) => {
        const i = blockIndex(index, shape, scaleShape);
        return Math.fround((at(q!, index) - at(zero, i)) * at(scale, i));
      });
      assert.deepEqual(back!.values, real);
    });
  }

  test(`${type}: halves go to even, and what lies outside saturates`, async () => {
    const values = [-1e30, -8.5, -1.5, -0.5, 0.5, 1.5, 2.5, 7.5, 14.5, 15.5, Infinity];
    const x = f32(values);
    const [ones, zeros] = [f32([1]), tensor(type, [0])];
    const [q] = await run([x, ones, zeros], (b, [p, s, z]) => b.quantizeLinear(p!, s!, z!));
    const [low, high] = ranges[type];
    const even = [-1e30, -8, -2, -0, 0, 2, 2, 8, 14, 16, Infinity];
    const expected = even.map((value) => Math.max(low, Math.min(high, value)) + 0);
    assert.deepEqual(q!.values, expected);
  });

  test(`${type} after a matmul, and of rows whose extremes set the scale`, async () => {
    const [a, eye] = [ramp([3, 3]), f32([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3])];
    const [one, zero] = [f32([1], [1, 1]), tensor(type, [1], [1, 1])];
    const [q, dynamic] = await run([a, eye, one, zero], (b, [x, y, s, z]) => {
      const top = b.reduceMax(b.abs(x!), { axes: [1], keepDimensions: true });
      const zeros = b.expand(b.constant("float32", 1), [3, 1]);
      const rows = b.quantizeLinear(zeros, zeros, b.constant({ dataType: type, shape: [3, 1] }, new Uint8Array(2))); // prettier-ignore
      return [b.quantizeLinear(b.matmul(x!, y!), s!, z!), b.quantizeLinear(x!, top, rows)];
    });
    const plain = fill([3, 3], (index) => quantized(type, a, one, zero, index));
    assert.deepEqual(q!.values, plain);
    const tops = [0, 1, 2].map((i) => Math.max(...[0, 1, 2].map((j) => Math.abs(at(a, [i, j])))));
    const scaled = fill([3, 3], ([i, j]) => inRange(type, even(at(a, [i!, j!]) / tops[i!]!) + 1));
    assert.deepEqual(dynamic!.values, scaled);
  });

  for (const [from, to] of reshapes) {
    test(`${type}[${from}] as [${to}]: of inputs, of constants and of what is computed`, async () => {
      const [low] = ranges[type];
      const count = from.reduce((product, size) => product * size, 1);
      const values = Array.from({ length: count }, (_, i) => low + ((i * 7) % 16));
      const reals = values.map((value) => value - 3);
      const [one, three] = [f32([1], []), tensor(type, [3], [])];
      const [input, constant, computed, decoded] = await run(
        [tensor(type, values, from), f32(reals, from), one, three],
        (b, [x, real, s, z]) => {
          const flat = (q: MLOperand): MLOperand => b.reshape(q, to);
          const like = (shape: readonly number[], q: MLOperand): MLOperand =>
            b.reshape(q, shape.map(() => 1)); // prettier-ignore
          const stored = encodeValues(type, values) as Uint8Array<ArrayBuffer>;
          const known = flat(b.constant({ dataType: type, shape: from }, stored));
          return [
            flat(x!),
            known,
            flat(b.quantizeLinear(real!, like(from, s!), like(from, z!))),
            b.dequantizeLinear(known, like(to, s!), like(to, z!)),
          ];
        },
      );
      for (const result of [input, constant, computed]) {
        assert.deepEqual([result!.shape, result!.values], [to, values]);
      }
      assert.deepEqual([decoded!.shape, decoded!.values], [to, reals]);
    });
  }

  test(`${type} of a length that has a name`, async () => {
    for (const count of [1, 4, 7]) {
      const x = { ...ramp([count]), declared: [{ name: "n" }] };
      const [one, zero] = [f32([1]), tensor(type, [2])];
      const [q] = await run([x, one, zero], (b, [p, s, z]) => b.quantizeLinear(p!, s!, z!), [[count]]); // prettier-ignore
      assert.deepEqual(
        q!.values,
        fill([count], (i) => quantized(type, x, one, zero, i)),
      );
    }
  });
}

test("a tensor of 4-bit elements has half as many bytes, rounded up", async () => {
  const context = newContext();
  const made = await context.createTensor({ dataType: "uint4", shape: [3], readable: true, writable: true }); // prettier-ignore
  assert.throws(() => context.writeTensor(made, new Uint8Array(3)), /3 bytes, not the 2 of uint4/);
  context.writeTensor(made, Uint8Array.of(0x21, 0xf3));
  assert.deepEqual(new Uint8Array(await context.readTensor(made)), Uint8Array.of(0x21, 0xf3));
  await context.destroy();
});

function quantizeTwice(b: MLGraphBuilder, [x, scale, zero]: readonly MLOperand[]): MLOperand[] {
  const q = b.quantizeLinear(x!, scale!, zero!);
  return [q, q];
}

function quantized(
  type: FourBits,
  x: TensorValue,
  scale: TensorValue,
  zero: TensorValue,
  index: readonly number[],
): number {
  const i = blockIndex(index, x.shape, scale.shape);
  return inRange(type, even(at(x, index) / at(scale, i)) + at(zero, i));
}

function inRange(type: FourBits, x: number): number {
  const [low, high] = ranges[type];
  return Math.max(low, Math.min(high, x)) + 0;
}

function even(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

function blockIndex(
  index: readonly number[],
  shape: readonly number[],
  blocks: readonly number[],
): number[] {
  return index.map((i, d) => Math.floor((i * blocks[d]!) / shape[d]!));
}

/** Powers of two: quotients are exact. */
function positive(x: number | bigint): number {
  return 2 ** -Math.round(Math.abs(Number(x)));
}

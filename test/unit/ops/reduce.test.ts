/** Reductions, argMin and argMax, pools: against float64 over the same elements. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowNamed } from "../../../core-webnn/ops/table.ts";
import type { DataType } from "../../../core-webnn/util/data-type.ts";
import { assertClose } from "./assert-close.ts";
import { at, fill, indicesOf, ramp, retyped } from "./reference.ts";
import { f32, run, type TensorValue } from "./run-graph.ts";

const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);

const formulas: Readonly<Record<string, (x: readonly number[]) => number>> = {
  reduceL1: (x) => sum(x.map(Math.abs)),
  reduceL2: (x) => Math.sqrt(sum(x.map((v) => v * v))),
  reduceLogSum: (x) => Math.log(sum(x)),
  reduceLogSumExp: (x) => Math.log(sum(x.map(Math.exp))),
  reduceMax: (x) => Math.max(...x),
  reduceMean: (x) => sum(x) / x.length,
  reduceMin: (x) => Math.min(...x),
  reduceProduct: (x) => x.reduce((a, b) => a * b, 1),
  reduceSum: sum,
  reduceSumSquare: (x) => sum(x.map((v) => v * v)),
};

interface Case {
  readonly shape: readonly number[];
  readonly axes?: readonly number[];
  readonly keepDimensions?: boolean;
}

const cases: readonly Case[] = [
  { shape: [3, 4] },
  { shape: [] },
  { shape: [2, 3, 4], axes: [1] },
  { shape: [2, 3, 4], axes: [2, 0], keepDimensions: true },
  { shape: [2, 3], axes: [] },
];

for (const [name, formula] of Object.entries(formulas)) {
  for (const dataType of (rowNamed(name).args["input"] as { types: readonly DataType[] }).types) {
    test(`${name} of ${dataType}`, async () => {
      for (const { shape, ...options } of cases) {
        // Positive where a logarithm follows; odd integers, so that products stay exact and not 0.
        const x = positive(retyped(ramp(shape), dataType), name.includes("Log"));
        const [result] = await run([x], (b, [operand]) =>
          b[name as "reduceSum"](operand!, options),
        );
        const { axes = shape.map((_, d) => d) } = options;
        const expected = reduced(x, axes).map(formula);
        const ulp = rowNamed(name).ulp({ input: x, axes }) * 4;
        assertClose(
          dataType,
          result!.values,
          wrap(dataType, expected),
          ulp,
          `${name} [${shape.join()}]`,
        );
      }
    });
  }
}

test("maxima and minima keep NaN", async () => {
  const x = f32([1, NaN, 3, 4, 5, 6], [2, 3]);
  const [high, low] = await run([x], (b, [operand]) => [
    b.reduceMax(operand!, { axes: [1] }),
    b.reduceMin(operand!, { axes: [1] }),
  ]);
  assert.deepEqual(
    [high!.values, low!.values],
    [
      [NaN, 6],
      [NaN, 4],
    ],
  );
});

test("log-sum-exp neither overflows nor loses infinities", async () => {
  const x = f32([1000, 1000, -Infinity, -Infinity, Infinity, 1], [3, 2]);
  const [result] = await run([x], (b, [operand]) => b.reduceLogSumExp(operand!, { axes: [1] }));
  assertClose("float32", result!.values, [1000 + Math.LN2, -Infinity, Infinity], 8, "logSumExp");
});

test("argMax and argMin take the first of equal values, and NaN before numbers", async () => {
  const x = f32([1, 3, 3, -2, -2, 0, 5, NaN, 9, -Infinity, -Infinity, -Infinity], [4, 3]);
  const [high, low] = await run([x], (b, [operand]) => [
    b.argMax(operand!, 1),
    b.argMin(operand!, 1, { keepDimensions: true, outputDataType: "int64" }),
  ]);
  assert.deepEqual(high!.values, [1, 2, 1, 0]);
  assert.deepEqual(low!.values, [0n, 0n, 1n, 0n]);
  assert.deepEqual([high!.shape, low!.shape], [[4], [4, 1]]);
});

test("argMax of the smallest integers stays inside", async () => {
  const x = retyped(f32([-128, -128]), "float32");
  const lowest = { ...x, dataType: "int8" as const };
  const [result] = await run([lowest], (b, [operand]) => b.argMax(operand!, 0));
  assert.deepEqual(result!.values, [0]);
});

const pools: Readonly<Record<string, (x: readonly number[]) => number>> = {
  averagePool2d: formulas["reduceMean"]!,
  l2Pool2d: formulas["reduceL2"]!,
  maxPool2d: formulas["reduceMax"]!,
};
const windows = [
  { windowDimensions: [2, 3] },
  { windowDimensions: [3, 3], padding: [1, 1, 1, 1], strides: [2, 2] },
  { windowDimensions: [2, 2], strides: [2, 2], outputShapeRounding: "ceil" },
  { windowDimensions: [2, 2], dilations: [2, 3] },
  { windowDimensions: [2, 2], strides: [2, 2], outputSizes: [3, 4] },
  {},
] as const;

for (const [name, formula] of Object.entries(pools)) {
  for (const layout of ["nchw", "nhwc"] as const) {
    test(`${name} in ${layout}`, async () => {
      for (const window of windows) {
        const image = ramp([2, 3, 5, 7]);
        const x = layout === "nchw" ? image : channelsLast(image);
        const [result] = await run([x], (b, [operand]) =>
          b[name as "maxPool2d"](operand!, { ...window, layout }),
        );
        const given = layout === "nchw" ? result! : channelsFirst(result!);
        const expected = pooled(image, window, given.shape).map(formula);
        assertClose("float32", given.values, expected, 64, `${name} ${JSON.stringify(window)}`);
      }
    });
  }
}

interface WindowOptions {
  readonly windowDimensions?: readonly number[];
  readonly padding?: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
}

/** The elements under each window, padding left out. */
function pooled(x: TensorValue, options: WindowOptions, shape: readonly number[]): number[][] {
  const [, , height, width] = x.shape as readonly [number, number, number, number];
  const { windowDimensions = [height, width], padding = [0, 0, 0, 0] } = options;
  const { strides = [1, 1], dilations = [1, 1] } = options;
  return indicesOf(shape).map(([n, c, i, j]) =>
    indicesOf(windowDimensions)
      .map(([p, q]) => [
        i! * strides[0]! + p! * dilations[0]! - padding[0]!,
        j! * strides[1]! + q! * dilations[1]! - padding[2]!,
      ])
      .filter(([y, z]) => y! >= 0 && y! < height && z! >= 0 && z! < width)
      .map(([y, z]) => at(x, [n!, c!, y!, z!])),
  );
}

/** For each output element, the elements that are reduced to it. */
function reduced(x: TensorValue, axes: readonly number[]): number[][] {
  const kept = x.shape.map((size, d) => (axes.includes(d) ? 1 : size));
  const inner = x.shape.map((size, d) => (axes.includes(d) ? size : 1));
  return indicesOf(kept).map((outer) =>
    indicesOf(inner).map((point) =>
      at(
        x,
        outer.map((i, d) => i + point[d]!),
      ),
    ),
  );
}

function positive(x: TensorValue, isNeeded: boolean): TensorValue {
  return isNeeded ? { ...x, values: x.values.map((v) => Math.abs(Number(v)) + 0.25) } : x;
}

/** Integer sums and products wrap. */
function wrap(dataType: DataType, values: readonly number[]): readonly (number | bigint)[] {
  if (dataType.startsWith("float") || dataType.endsWith("8")) return values;
  const bits = dataType.endsWith("64") ? 64 : 32;
  const as = dataType[0] === "u" ? BigInt.asUintN : BigInt.asIntN;
  return values.map((x) => as(bits, BigInt(x)));
}

function channelsLast(x: TensorValue): TensorValue {
  const [n, c, h, w] = x.shape as readonly [number, number, number, number];
  return f32(
    fill([n, h, w, c], ([i, j, k, l]) => at(x, [i!, l!, j!, k!])),
    [n, h, w, c],
  );
}

function channelsFirst(x: TensorValue): TensorValue {
  const [n, h, w, c] = x.shape as readonly [number, number, number, number];
  return f32(
    fill([n, c, h, w], ([i, j, k, l]) => at(x, [i!, k!, l!, j!])),
    [n, c, h, w],
  );
}

/** Rows that move elements: each output element is compared with the input element it should be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import type { MLOperand } from "../../../core-webnn/api/ml-operand.ts";
import { dataTypes } from "../../../core-webnn/util/data-type.ts";
import { at, fill, ramp, retyped } from "./reference.ts";
import { run, tensor, type TensorValue } from "./run-graph.ts";

interface Case {
  readonly why: string;
  readonly input: readonly number[];
  readonly others?: readonly TensorValue[];
  readonly make: (b: MLGraphBuilder, x: MLOperand, ...others: MLOperand[]) => MLOperand;
  readonly shape: readonly number[];
  /** The input's index for an output index; undefined where the output is 0. */
  readonly from: (index: readonly number[]) => readonly number[] | undefined;
}

const int32 = (values: readonly number[], shape?: readonly number[]): TensorValue =>
  tensor("int32", values, shape);

const cases: readonly Case[] = [
  {
    why: "reshape keeps the order",
    input: [2, 6],
    make: (b, x) => b.reshape(x, [3, 1, 4]),
    shape: [3, 1, 4],
    from: ([i, , k]) => [Math.floor((i! * 4 + k!) / 6), (i! * 4 + k!) % 6],
  },
  {
    why: "transpose reverses by default",
    input: [2, 3, 4],
    make: (b, x) => b.transpose(x),
    shape: [4, 3, 2],
    from: (index) => index.toReversed(),
  },
  {
    why: "transpose by a permutation that is not its own inverse",
    input: [2, 3, 4],
    make: (b, x) => b.transpose(x, { permutation: [2, 0, 1] }),
    shape: [4, 2, 3],
    from: ([i, j, k]) => [j!, k!, i!],
  },
  {
    why: "expand adds and repeats dimensions",
    input: [3, 1],
    make: (b, x) => b.expand(x, [2, 3, 4]),
    shape: [2, 3, 4],
    from: ([, j]) => [j!, 0],
  },
  {
    why: "slice with strides rounds the size up",
    input: [7, 5],
    make: (b, x) => b.slice(x, [1, 0], [5, 4], { strides: [2, 3] }),
    shape: [3, 2],
    from: ([i, j]) => [1 + 2 * i!, 3 * j!],
  },
  {
    why: "split in parts of given sizes: the middle one",
    input: [2, 6],
    make: (b, x) => b.split(x, [1, 3, 2], { axis: 1 })[1]!,
    shape: [2, 3],
    from: ([i, j]) => [i!, 1 + j!],
  },
  {
    why: "split in equal parts: the last one",
    input: [6, 2],
    make: (b, x) => b.split(x, 3)[2]!,
    shape: [2, 2],
    from: ([i, j]) => [4 + i!, j!],
  },
  {
    why: "reverse one axis",
    input: [3, 4],
    make: (b, x) => b.reverse(x, { axes: [1] }),
    shape: [3, 4],
    from: ([i, j]) => [i!, 3 - j!],
  },
  {
    why: "reverse no axis",
    input: [3, 4],
    make: (b, x) => b.reverse(x, { axes: [] }),
    shape: [3, 4],
    from: (index) => index,
  },
  {
    why: "reverse all axes by default",
    input: [3, 4],
    make: (b, x) => b.reverse(x),
    shape: [3, 4],
    from: ([i, j]) => [2 - i!, 3 - j!],
  },
  {
    why: "tile",
    input: [2, 3],
    make: (b, x) => b.tile(x, [2, 2]),
    shape: [4, 6],
    from: ([i, j]) => [i! % 2, j! % 3],
  },
  {
    why: "pad with a constant",
    input: [2, 3],
    make: (b, x) => b.pad(x, [1, 0], [0, 2]),
    shape: [3, 5],
    from: ([i, j]) => (i! >= 1 && j! < 3 ? [i! - 1, j!] : undefined),
  },
  {
    why: "pad with the edge",
    input: [2, 3],
    make: (b, x) => b.pad(x, [2, 1], [1, 4], { mode: "edge" }),
    shape: [5, 8],
    from: ([i, j]) => [clamp(i! - 2, 1), clamp(j! - 1, 2)],
  },
  {
    why: "pad with a reflection",
    input: [3, 4],
    make: (b, x) => b.pad(x, [2, 3], [1, 2], { mode: "reflection" }),
    shape: [6, 9],
    from: ([i, j]) => [[2, 1, 0, 1, 2, 1][i!]!, [3, 2, 1, 0, 1, 2, 3, 2, 1][j!]!],
  },
  {
    why: "triangular keeps the upper part from a diagonal above",
    input: [2, 3, 3],
    make: (b, x) => b.triangular(x, { diagonal: 1 }),
    shape: [2, 3, 3],
    from: ([n, i, j]) => (j! >= i! + 1 ? [n!, i!, j!] : undefined),
  },
  {
    why: "triangular keeps the lower part up to a diagonal below",
    input: [3, 4],
    make: (b, x) => b.triangular(x, { upper: false, diagonal: -1 }),
    shape: [3, 4],
    from: ([i, j]) => (j! <= i! - 1 ? [i!, j!] : undefined),
  },
  {
    why: "gather negative, repeated and out-of-range indices",
    input: [4, 3],
    others: [int32([-1, 0, 9, -9], [2, 2])],
    make: (b, x, indices) => b.gather(x, indices!),
    shape: [2, 2, 3],
    from: ([i, j, k]) => [[3, 0, 3, 0][i! * 2 + j!]!, k!],
  },
  {
    why: "gather along an inner axis by a scalar",
    input: [2, 3, 4],
    others: [tensor("int64", [-2n], [])],
    make: (b, x, indices) => b.gather(x, indices!, { axis: 1 }),
    shape: [2, 4],
    from: ([i, k]) => [i!, 1, k!],
  },
  {
    why: "gather int64 indices beyond 2³²",
    input: [4],
    others: [tensor("int64", [2n ** 32n, -(2n ** 40n), 1n])],
    make: (b, x, indices) => b.gather(x, indices!),
    shape: [3],
    from: ([i]) => [[3, 0, 1][i!]!],
  },
  {
    why: "gather uint32 indices beyond 2³¹",
    input: [4],
    others: [tensor("uint32", [2 ** 32 - 1, 2])],
    make: (b, x, indices) => b.gather(x, indices!),
    shape: [2],
    from: ([i]) => [[3, 2][i!]!],
  },
  {
    why: "gatherElements",
    input: [3, 2],
    others: [int32([2, -3, 1, 7], [2, 2])],
    make: (b, x, indices) => b.gatherElements(x, indices!),
    shape: [2, 2],
    from: ([i, j]) => [[2, 0, 1, 2][i! * 2 + j!]!, j!],
  },
  {
    why: "gatherND with coordinates of part of the dimensions",
    input: [2, 3, 4],
    others: [int32([1, 2, 0, -1], [2, 2])],
    make: (b, x, indices) => b.gatherND(x, indices!),
    shape: [2, 4],
    from: ([i, k]) => [[1, 0][i!]!, 2, k!],
  },
];

for (const dataType of dataTypes) {
  for (const { why, input, others = [], make, shape, from } of cases) {
    test(`${why}, ${dataType}`, async () => {
      const x = retyped(ramp(input), dataType);
      const [result] = await run([x, ...others], (b, [operand, ...rest]) =>
        make(b, operand!, ...rest),
      );
      const expected = fill(shape, (index) => {
        const source = from(index);
        return source === undefined ? 0 : at(x, source);
      });
      assert.deepEqual(result!.shape, shape);

      assert.deepEqual(result!.values.map(Number), expected);
    });
  }
}

test("concat of three along the middle axis", async () => {
  const inputs = [ramp([2, 1, 3]), ramp([2, 2, 3]), ramp([2, 3, 3])];
  const [result] = await run(inputs, (b, operands) => b.concat(operands, 1));
  const expected = fill([2, 6, 3], ([i, j, k]) =>
    j! < 1
      ? at(inputs[0]!, [i!, j!, k!])
      : j! < 3
        ? at(inputs[1]!, [i!, j! - 1, k!])
        : at(inputs[2]!, [i!, j! - 3, k!]),
  );
  assert.deepEqual(result!.values, expected);
});

test("where broadcasts all three operands", async () => {
  const inputs = [tensor("uint8", [0, 2], [2, 1]), ramp([1, 3]), ramp([2, 3])];
  const [result] = await run(inputs, (b, [c, x, y]) => b.where(c!, x!, y!));
  const expected = fill([2, 3], ([i, j]) =>
    i === 1 ? at(inputs[1]!, [0, j!]) : at(inputs[2]!, [0, j!]),
  );
  assert.deepEqual(result!.values, expected);
});

function clamp(x: number, last: number): number {
  return Math.max(0, Math.min(last, x));
}

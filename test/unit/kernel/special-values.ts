/** Values at which implementations differ, by value type. */
import type { Scalar } from "../../../core-webnn/kernel/scalar.ts";
import type { BinaryOp, UnaryOp, ValueType } from "../../../core-webnn/kernel/ir.ts";

const f32s = withNegatives([
  0, 2 ** -149, 2 ** -126 - 2 ** -149, 2 ** -126, 0.1, 0.5, 1, 1.5, 2.5, 3, 1 - 2 ** -24, 1 + 2 ** -23,
  10.25, 88.7, 103.5, 127.5, 255.5, 65504, 65520, 2 ** 23 - 0.5, 2 ** 24 - 1, 2 ** 31 - 128, 2 ** 31,
  2 ** 32 - 256, 2 ** 32, 2 ** 63, 2 ** 64, 2 ** 100, 2 ** 128 - 2 ** 104, Infinity,
]).concat(NaN); // prettier-ignore

const i32s = withNegatives([
  0,
  1,
  2,
  3,
  7,
  127,
  128,
  255,
  256,
  65535,
  2 ** 24 + 1,
  2 ** 30,
  2 ** 31 - 1,
])
  .filter((x) => !Object.is(x, -0))
  .concat(-(2 ** 31));

const u32s = [0, 1, 2, 3, 7, 127, 128, 255, 256, 65535, 65536, 2 ** 24 + 1, 2 ** 31, 2 ** 32 - 1];

const wide = [
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 62n + 2n ** 38n,
  2n ** 63n - 1n,
];

export const specialValues: Readonly<Record<ValueType, readonly Scalar[]>> = {
  f32: f32s,
  i32: i32s,
  u32: u32s,
  i64: [
    ...i32s.map(BigInt),
    ...wide,
    ...wide.map((x) => -x),
    -(2n ** 63n),
    -(2n ** 62n) - 2n ** 38n - 1n,
  ],
  u64: [...u32s.map(BigInt), ...wide, 2n ** 63n, 2n ** 63n + 2n ** 39n, 2n ** 64n - 1n],
  bool: [0, 1],
};

/** Where an operation is asked for less than its whole type: reduced arguments, defined shifts. */
export function domainOf(op: UnaryOp | BinaryOp, type: ValueType): readonly Scalar[] {
  const values = specialValues[type];
  if (op === "sin" || op === "cos" || op === "tan") {
    return values.filter((x) => !(Math.abs(Number(x)) > 2 ** 20 && Number.isFinite(x)));
  }
  if (op !== "shiftLeft" && op !== "shiftRight") return values;
  const bits = type === "i64" || type === "u64" ? 64 : 32;
  return values.filter((x) => x >= 0 && x < bits);
}

function withNegatives(values: readonly number[]): number[] {
  return values.flatMap((x) => [x, -x]);
}

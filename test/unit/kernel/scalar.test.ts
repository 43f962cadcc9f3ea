/** The meaning of single operations, row by row: expected values from IEEE 754, C and the IR's comments. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { erf } from "../../../core-webnn/kernel/erf.ts";
import type { BinaryOp, UnaryOp, ValueType } from "../../../core-webnn/kernel/ir.ts";
import {
  binaryFunction,
  castScalar,
  compareScalars,
  narrowScalar,
  unaryFunction,
  type Scalar,
} from "../../../core-webnn/kernel/scalar.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";

const [least32, least64] = [-(2 ** 31), -(2n ** 63n)];
const tiny = 2 ** -149;

const unaries: readonly (readonly [op: UnaryOp, type: ValueType, x: Scalar, result: Scalar])[] = [
  ["neg", "f32", 0, -0],
  ["neg", "i32", least32, least32],
  ["neg", "u32", 1, 2 ** 32 - 1],
  ["neg", "i64", least64, least64],
  ["neg", "u64", 1n, 2n ** 64n - 1n],
  ["abs", "i32", least32, least32],
  ["abs", "f32", -0, 0],
  ["sign", "f32", -0, -0],
  ["sign", "f32", NaN, NaN],
  ["sign", "i64", -5n, -1n],
  ["sign", "u32", 2 ** 32 - 1, 1],
  ["floor", "f32", -0.5, -1],
  ["ceil", "f32", -0.5, -0],
  ["roundEven", "f32", 2.5, 2],
  ["roundEven", "f32", -0.5, -0],
  ["trunc", "f32", -1.5, -1],
  ["sqrt", "f32", -0, -0],
  ["sqrt", "f32", -1, NaN],
  ["sqrt", "f32", 2, Math.fround(Math.SQRT2)],
  ["exp", "f32", -Infinity, 0],
  ["exp", "f32", 89, Infinity],
  ["log", "f32", 0, -Infinity],
  ["log", "f32", -1, NaN],
  ["tanh", "f32", Infinity, 1],
  ["erf", "f32", -Infinity, -1],
  ["erf", "f32", -0, -0],
  ["not", "bool", 0, 1],
  ["bitNot", "u32", 0, 2 ** 32 - 1],
  ["bitNot", "u64", 0n, 2n ** 64n - 1n],
  ["isNaN", "f32", NaN, 1],
  ["isInfinite", "f32", -Infinity, 1],
  ["isInfinite", "f32", NaN, 0],
];
for (const [op, type, x, result] of unaries) {
  test(`${op} ${type} of ${show(x)}`, () => assert.equal(unaryFunction(op, type)(x), result));
}

type BinaryRow = readonly [op: BinaryOp, type: ValueType, a: Scalar, b: Scalar, result: Scalar];
const binaries: readonly BinaryRow[] = [
  ["add", "f32", 2 ** 24, 1, 2 ** 24],
  ["add", "i32", 2 ** 31 - 1, 1, least32],
  ["sub", "u32", 0, 1, 2 ** 32 - 1],
  ["add", "u64", 2n ** 64n - 1n, 2n, 1n],
  ["mul", "i32", 65537, 65537, 131073],
  ["mul", "u32", 2 ** 32 - 1, 2 ** 32 - 1, 1],
  ["mul", "f32", tiny, 0.5, 0],
  ["mul", "f32", tiny, 0.75, tiny],
  ["div", "i32", -7, 2, -3],
  ["div", "i32", least32, -1, least32],
  ["div", "i32", 5, 0, 0],
  ["div", "i64", least64, -1n, least64],
  ["div", "u64", 5n, 0n, 0n],
  ["div", "f32", -1, 0, -Infinity],
  ["rem", "i32", -7, 2, -1],
  ["rem", "i32", least32, -1, 0],
  ["rem", "u32", 7, 0, 0],
  ["rem", "f32", -7.5, 2, -1.5],
  ["rem", "f32", 1, Infinity, 1],
  ["min", "f32", -0, 0, -0],
  ["max", "f32", -0, 0, 0],
  ["min", "f32", 1, NaN, NaN],
  ["max", "f32", NaN, 1, NaN],
  ["min", "u32", 2 ** 31, 1, 1],
  ["max", "i64", least64, 0n, 0n],
  ["pow", "f32", -8, 3, -512],
  ["pow", "f32", -8, 0.5, NaN],
  ["pow", "f32", NaN, 0, 1],
  ["pow", "f32", 1, NaN, 1],
  ["pow", "f32", -1, Infinity, 1],
  ["pow", "f32", -0, -1, -Infinity],
  ["pow", "i32", 3, 21, (3 ** 21) | 0],
  ["pow", "i32", 2, -1, 0],
  ["pow", "i32", -1, -3, -1],
  ["pow", "u64", 3n, 41n, BigInt.asUintN(64, 3n ** 41n)],
  ["pow", "i64", 2n, 64n, 0n],
  ["and", "bool", 1, 0, 0],
  ["xor", "bool", 1, 1, 0],
  ["bitAnd", "u32", 2 ** 32 - 1, 2 ** 31, 2 ** 31],
  ["bitXor", "i64", -1n, 1n, -2n],
  ["shiftLeft", "i32", 1, 31, least32],
  ["shiftRight", "i32", -8, 1, -4],
  ["shiftRight", "u32", 2 ** 32 - 1, 31, 1],
  ["shiftRight", "u64", 2n ** 64n - 1n, 63n, 1n],
];
for (const [op, type, a, b, result] of binaries) {
  test(`${op} ${type} of ${show(a)} and ${show(b)}`, () =>
    assert.equal(binaryFunction(op, type)(a, b), result));
}

type CastRow = readonly [from: ValueType, to: ValueType, x: Scalar, result: Scalar];
const casts: readonly CastRow[] = [
  ["f32", "i32", -1.9, -1],
  ["f32", "i32", NaN, 0],
  ["f32", "i32", 3e9, 2 ** 31 - 1],
  ["f32", "i32", -Infinity, least32],
  ["f32", "u32", -1, 0],
  ["f32", "u32", -0.5, 0],
  ["f32", "i64", 2 ** 63, 2n ** 63n - 1n],
  ["f32", "u64", Infinity, 2n ** 64n - 1n],
  ["f32", "bool", NaN, 1],
  ["f32", "bool", -0, 0],
  ["f32", "bool", tiny, 1],
  ["i32", "u32", -1, 2 ** 32 - 1],
  ["i32", "u64", -1, 2n ** 64n - 1n],
  ["u32", "i32", 2 ** 31, least32],
  ["i64", "i32", 2n ** 32n + 5n, 5],
  ["i32", "f32", 2 ** 24 + 1, 2 ** 24],
  ["i64", "f32", 2n ** 53n + 1n, 2 ** 53],
  // Through a double these would be ties, rounded to even: down.
  ["i64", "f32", 2n ** 62n + 2n ** 38n + 1n, 2 ** 62 + 2 ** 39],
  ["i64", "f32", -(2n ** 62n) - 2n ** 38n - 1n, -(2 ** 62) - 2 ** 39],
  ["i64", "f32", 2n ** 62n + 2n ** 38n, 2 ** 62],
  ["u64", "f32", 2n ** 64n - 1n, 2 ** 64],
  ["bool", "f32", 1, 1],
  ["bool", "i64", 1, 1n],
  ["u64", "bool", 2n ** 63n, 1],
];
for (const [from, to, x, result] of casts) {
  test(`cast ${from} to ${to} of ${show(x)}`, () => assert.equal(castScalar(from, to, x), result));
}

const narrowings: readonly (readonly [storage: StorageType, x: Scalar, result: Scalar])[] = [
  ["float16", 2049, 2048],
  ["float16", 65520, Infinity],
  ["int8", 200, -56],
  ["uint8", 511, 255],
  ["int4", 8, -8],
  ["uint4", 17, 1],
  ["int64", least64, least64],
];
for (const [storage, x, result] of narrowings) {
  test(`narrow ${storage} of ${show(x)}`, () => assert.equal(narrowScalar(storage, x), result));
}

test("NaN is unequal to all and orders with none", () => {
  const all = (["eq", "ne", "lt", "le", "gt", "ge"] as const).map((op) =>
    compareScalars(op, NaN, NaN),
  );
  assert.deepEqual(all, [false, true, false, false, false, false]);
  assert.equal(compareScalars("eq", -0, 0), true);
});

/** From the C library (math.erf of Python), to its last place but two. */
const erfs = [
  [1e-8, 1.1283791670955126e-8],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [2, 0.9953222650189527],
  [2.9999, 0.9999778955735178],
  [3, 0.9999779095030014],
  [4, 0.9999999845827421],
] as const;
for (const [x, expected] of erfs) {
  test(`erf(${x})`, () => {
    assert.ok(Math.abs(erf(x) - expected) <= 4e-16 * expected, `${erf(x)} is not ${expected}`);
    assert.equal(erf(-x), -erf(x));
  });
}

function show(x: Scalar): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

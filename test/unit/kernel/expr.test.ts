/** Expressions: what folds, what must not, and which types are refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addAddress,
  axisAddress,
  constant,
  sizeAddress,
  valueAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  bool,
  cast,
  compare,
  constantOf,
  f32,
  guard,
  i32,
  i64,
  index,
  load,
  local,
  narrow,
  select,
  u32,
  u64,
  unary,
} from "../../../core-webnn/kernel/expr.ts";
import type { Expr } from "../../../core-webnn/kernel/ir.ts";
import { printExpr } from "../../../core-webnn/kernel/print.ts";
import { addSizes, named } from "../../../core-webnn/util/size.ts";

const n = named({ name: "n" });
const [row, column] = [
  axisAddress({ name: "row", extent: n }),
  axisAddress({ name: "col", extent: 8 }),
];
const x = load("f32", 0, row);
const flag = local({ name: "flag", type: "bool" });
const moved = addAddress(row, constant(1));
const size = index(sizeAddress(n));

const folded: readonly (readonly [why: string, expr: Expr, text: string])[] = [
  ["a constant is rounded", f32(0.1), `${Math.fround(0.1)}f`],
  ["a constant wraps", u32(-1), "4294967295u"],
  ["64 bits wrap too", u64(-1n), "18446744073709551615ul"],
  ["constantOf converts as cast does", constantOf("i32", NaN), "0i"],
  ["a bigint is a float", constantOf("f32", 3n), "3f"],
  ["a zero keeps its sign", f32(-0), "-0f"],
  ["x * 0 stays: x may be NaN", binary("mul", x, f32(0)), "(b0[row] * 0f)"],
  ["x + 0 stays: x may be -0", binary("add", x, f32(0)), "(b0[row] + 0f)"],
  ["x - x stays", binary("sub", x, x), "(b0[row] - b0[row])"],
  ["x == x stays", compare("eq", x, x), "(b0[row] == b0[row])"],
  ["true and", binary("and", bool(true), flag), "flag"],
  ["and false", binary("and", flag, bool(false)), "false"],
  ["or true", binary("or", flag, bool(true)), "true"],
  ["xor true", binary("xor", flag, bool(true)), "not(flag)"],
  ["xor of constants", binary("xor", bool(true), bool(true)), "false"],
  ["not of a constant", unary("not", bool(false)), "true"],
  ["select by a constant", select(bool(false), x, f32(1)), "1f"],
  ["guard by a constant", guard(bool(true), x, f32(1)), "b0[row]"],
  ["constants compare", compare("lt", f32(NaN), f32(1)), "false"],
  ["constants cast", cast("i32", f32(-1.5)), "-1i"],
  ["a cast to its own type is nothing", cast("f32", x), "b0[row]"],
  ["constants narrow", narrow("float16", f32(2049)), "2048f"],
  ["nothing is lost in 32 bits", narrow("float32", x), "b0[row]"],
  ["index of a constant address", index(constant(3)), "3i"],
  ["index of a value", index(valueAddress(load("i32", 1, row))), "b1[row]"],
  ["but not of a wider one", index(valueAddress(load("i64", 1, row))), "index(value(b1[row]))"],
  ["always inside", guard(compare("lt", index(row), size), x, f32(0)), "b0[row]"],
  ["perhaps outside", compare("lt", index(moved), size), "(index(row + 1) < index({n}))"],
  ["never outside at the front", compare("ge", index(row), i32(0)), "true"],
  ["never outside in numbers", compare("gt", i32(8), index(column)), "true"],
  ["at most", compare("le", index(column), i32(6)), "(index(col) <= 6i)"],
  ["equal addresses", compare("eq", index(moved), index(addAddress(constant(1), row))), "true"],
  ["addresses that differ", compare("ne", index(moved), index(row)), "true"],
  ["one is larger", compare("le", index(sizeAddress(addSizes(n, 1))), size), "false"],
]; // prettier-ignore
for (const [why, expr, text] of folded) {
  test(`${why}: ${text}`, () => assert.equal(printExpr(expr), text));
}

const refused: readonly (readonly [what: string, make: () => Expr, message: RegExp])[] = [
  ["mixed operands", () => binary("add", x, i32(1)), /add of f32 and i32: b0\[row\], 1i/],
  ["logic of integers", () => binary("and", i32(1), i32(1)), /and of i32/],
  ["bits of floats", () => binary("bitAnd", x, x), /bitAnd of f32/],
  ["sums of bools", () => binary("add", flag, flag), /add of bool/],
  ["exp of an integer", () => unary("exp", i32(1)), /exp of i32/],
  ["order of bools", () => compare("lt", flag, flag), /lt of bool/],
  ["comparison of two types", () => compare("eq", i32(1), i64(1n)), /eq of i32 and i64/],
  ["a condition that is none", () => select(i32(1), x, x), /select by i32/],
  ["a choice of two types", () => guard(flag, x, i32(1)), /guard by bool of f32 and i32/],
  ["narrowing of another type", () => narrow("float16", i32(1)), /narrow of i32 to float16/],
];
for (const [what, make, message] of refused) {
  test(`refused: ${what}`, () => assert.throws(make, message));
}
test("refused: an address of floats", () => assert.throws(() => valueAddress(x), /address/));

/** Constants and small formulas that several families of rows compute with. */
import { binary, compare, constantOf, f32, select, unary, valueTypeOf } from "../kernel/expr.ts";
import type { Expr } from "../kernel/ir.ts";
import type { StorageType } from "../util/data-type.ts";
import { castNumber } from "./cast-number.ts";

/** The value as the spec casts it to the type, in the type's arithmetic. */
export function numberOf(dataType: StorageType, value: number | bigint): Expr {
  return constantOf(valueTypeOf(dataType), castNumber(value, dataType));
}

export function add(a: Expr, b: Expr): Expr {
  return binary("add", a, b);
}

export function sub(a: Expr, b: Expr): Expr {
  return binary("sub", a, b);
}

export function mul(a: Expr, b: Expr): Expr {
  return binary("mul", a, b);
}

export function div(a: Expr, b: Expr): Expr {
  return binary("div", a, b);
}

/**
 * e^x - 1 for x ≤ 0. Near 0 the subtraction would cancel: there it is the Taylor series
 * x · (1 + x/2 · (1 + x/3 · (…))), whose rest is below 2⁻²⁶ for x > -1/2.
 */
export function expMinusOne(x: Expr): Expr {
  const near = nested(9, 2, (sum, n) => add(mul(mul(x, f32(1 / n)), sum), f32(1)));
  const far = sub(unary("exp", x), f32(1));
  return select(compare("gt", x, f32(-0.5)), mul(x, near), far);
}

/**
 * log(1 + x) for 0 ≤ x ≤ 1 as 2 · artanh(s) with s = x / (2 + x), s ≤ 1/3: the series
 * 2s · (1 + s²/3 + s⁴/5 + …) is accurate near 0, where log(1 + x) would cancel. 2s is not made from s: that is
 * subnormal, and may be lost, where the result is not.
 */
export function logOnePlus(x: Expr): Expr {
  const r = div(f32(1), add(f32(2), x));
  const s = mul(x, r);
  const square = mul(s, s);
  const series = nested(7, 0, (sum, n) => add(mul(square, sum), f32(1 / (2 * n + 1))), f32(1 / 17));
  return mul(mul(mul(f32(2), x), r), series);
}

/** Coefficients from the constant one on. */
export function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  return coefficients.map(f32).reduceRight((sum, coefficient) => add(mul(sum, x), coefficient));
}

/** Horner's scheme: applies the step for n = last, …, first, starting from the innermost sum. */
function nested(
  last: number,
  first: number,
  step: (sum: Expr, n: number) => Expr,
  innermost: Expr = f32(1),
): Expr {
  let sum = innermost;
  for (let n = last; n >= first; n -= 1) sum = step(sum, n);
  return sum;
}

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
 * e^x - 1 without the cancellation near 0: the error of u = e^x is undone by log(u), which has the same
 * (W. Kahan, in N. Higham, Accuracy and Stability of Numerical Algorithms, 1.14.1).
 */
export function expMinusOne(x: Expr): Expr {
  const u = unary("exp", x);
  const minusOne = sub(u, f32(1));
  const corrected = div(mul(minusOne, x), unary("log", u));
  const large = compare("eq", minusOne, f32(-1));
  return select(compare("eq", u, f32(1)), x, select(large, f32(-1), corrected));
}

/** log(1 + x) for x ≥ 0, by the same device. */
export function logOnePlus(x: Expr): Expr {
  const u = add(f32(1), x);
  const corrected = div(mul(unary("log", u), x), sub(u, f32(1)));
  return select(compare("eq", u, f32(1)), x, corrected);
}

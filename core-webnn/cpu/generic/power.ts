/** Powers: of integers by repeated squaring, of floats by logarithm and exponential in float64. */
import type { Nest } from "./nest.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

/** Modulo 2^64. A negative power is 1 / a^|b| rounded towards 0: 0 except for a = 1 and a = -1. */
export function integerPower(nest: Nest, a: Value, b: Value, isSigned: boolean): Value {
  const g = nest.graph;
  const [zero, one] = [g.constant("i64", 0n), g.constant("i64", 1n)];
  const isNegative = isSigned ? g.op("i64.lt_s", b, zero) : g.i32(0);
  const count = g.select(isNegative, g.op("i64.sub", zero, b), b);
  const rounds = g.op("i32.sub", g.i32(64), g.op("i32.wrap_i64", g.op("i64.clz", count)));
  const range = { axis: nest.freshAxis("bit", 64), start: g.i32(0), end: rounds };
  const [power] = nest.loop(range, [one, a, count], (...state) => {
    const [product, square, rest] = state as [Value, Value, Value];
    const isSet = g.op("i32.wrap_i64", g.op("i64.and", rest, one));
    return [
      g.select(isSet, g.op("i64.mul", product, square), product),
      g.op("i64.mul", square, square),
      g.op("i64.shr_u", rest, one),
    ];
  });
  // a + 1 is 0 or 2 exactly for a = -1 and a = 1.
  const next = g.op("i64.add", a, one);
  const isUnit = g.op("i64.eqz", g.op("i64.and", next, g.constant("i64", -3n)));
  return g.select(g.op("i32.and", isNegative, g.op("i32.eqz", isUnit)), zero, power!);
}

/** IEEE 754's pow: 1 to any power and any base to the power 0 are 1, NaN or not. */
export function floatPower(nest: Nest, x: Value, y: Value): Value {
  const g = nest.graph;
  const exponent = g.op("f64.promote_f32", y);
  const base = g.op("f64.promote_f32", g.op("f32.abs", x));
  const magnitude = g.op("f32.demote_f64", exp2(g, g.op("f64.mul", exponent, log2(g, base))));
  const isOne = g.op("i32.or", is(g, "f32.eq", x, 1), is(g, "f32.eq", y, 0));
  const isUnitToInfinity = g.op(
    "i32.and",
    is(g, "f32.eq", g.op("f32.abs", x), 1),
    is(g, "f32.eq", g.op("f32.abs", y), Infinity),
  );
  const signed = signOfPower(g, x, y, magnitude);
  return g.select(g.op("i32.or", isOne, isUnitToInfinity), g.constant("f32", 1), signed);
}

/** Odd powers keep the sign of the base; of a negative base only whole powers are real. */
function signOfPower(g: ValueGraph, x: Value, y: Value, magnitude: Value): Value {
  const half = g.op("f32.mul", y, g.constant("f32", 0.5));
  const isWhole = g.op("f32.eq", g.op("f32.trunc", y), y);
  const isOdd = g.op("i32.and", isWhole, g.op("f32.ne", g.op("f32.trunc", half), half));
  const hasSign = g.op("i32.lt_s", g.op("i32.reinterpret_f32", x), g.i32(0));
  const isNegated = g.op("i32.and", hasSign, isOdd);
  const signed = g.select(isNegated, g.op("f32.neg", magnitude), magnitude);
  const isFiniteNegative = g.op("i32.and", is(g, "f32.lt", x, 0), is(g, "f32.gt", x, -Infinity));
  const isUnreal = g.op("i32.and", isFiniteNegative, g.op("i32.eqz", isWhole));
  return g.select(isUnreal, g.constant("f32", NaN), signed);
}

/** x = 2^e m with sqrt(1/2) <= m < sqrt(2); log m = 2 atanh((m - 1) / (m + 1)), to 2^-39. */
function log2(g: ValueGraph, x: Value): Value {
  const bits = g.op("i64.reinterpret_f64", x);
  const sqrtHalf = g.constant("i64", 0x3fe6_a09e_667f_3bcdn);
  const shift = g.constant("i64", 52n);
  const e = g.op("i64.shr_s", g.op("i64.sub", bits, sqrtHalf), shift);
  const m = g.op("f64.reinterpret_i64", g.op("i64.sub", bits, g.op("i64.shl", e, shift)));
  const one = g.constant("f64", 1);
  const s = g.op("f64.div", g.op("f64.sub", m, one), g.op("f64.add", m, one));
  const odd = [15, 13, 11, 9, 7, 5, 3, 1].map((n) => 2 / Math.LN2 / n);
  const series = g.op("f64.mul", s, polynomial(g, g.op("f64.mul", s, s), odd));
  const result = g.op("f64.add", g.op("f64.convert_i64_s", e), series);
  const isZero = g.op("f64.eq", x, g.constant("f64", 0));
  const ofZero = g.select(isZero, g.constant("f64", -Infinity), result);
  const isFinite = g.op("f64.lt", x, g.constant("f64", Infinity));
  // Infinity and NaN are their own logarithm.
  return g.select(isFinite, ofZero, x);
}

/** 2^t = 2^n e^(f ln 2), to 2^-41. */
function exp2(g: ValueGraph, t: Value): Value {
  const limit = g.constant("f64", 300);
  const bounded = g.op("f64.max", g.op("f64.min", t, limit), g.op("f64.neg", limit));
  const n = g.op("f64.nearest", bounded);
  const r = g.op("f64.mul", g.op("f64.sub", bounded, n), g.constant("f64", Math.LN2));
  const power = polynomial(g, r, taylor.exp);
  const biased = g.op("i64.add", g.op("i64.trunc_sat_f64_s", n), g.constant("i64", 1023n));
  const scale = g.op("i64.shl", biased, g.constant("i64", 52n));
  return g.op("f64.mul", power, g.op("f64.reinterpret_i64", scale));
}

const taylor = { exp: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => 1 / factorial(n)) };

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

function polynomial(g: ValueGraph, x: Value, coefficients: readonly number[]): Value {
  const [highest, ...rest] = coefficients.map((c) => g.constant("f64", c));
  return rest.reduce((sum, c) => g.op("f64.add", g.op("f64.mul", sum, x), c), highest!);
}

function is(g: ValueGraph, op: "f32.eq" | "f32.lt" | "f32.gt", x: Value, limit: number): Value {
  return g.op(op, x, g.constant("f32", limit));
}

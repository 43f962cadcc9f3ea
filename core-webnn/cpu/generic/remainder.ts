/** The remainder of floats, exact, with the sign of the dividend: what IEEE 754 calls fmod. */
import type { Nest } from "./nest.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

/** |x| less |y| times 2^n, then 2^(n - 1), … 1, where that is possible: float64 holds all of it exactly. */
export function remainder(nest: Nest, x: Value, y: Value): Value {
  const g = nest.graph;
  const [a, b] = [magnitude(g, x), magnitude(g, y)];
  const difference = g.op("i64.sub", exponent(g, a), exponent(g, b));
  const zero = g.constant("i64", 0n);
  const n = g.select(g.op("i64.gt_s", difference, zero), difference, zero);
  const scale = g.op("i64.shl", g.op("i64.add", n, g.constant("i64", 1023n)), fraction(g));
  const largest = g.op("f64.mul", b, g.op("f64.reinterpret_i64", scale));
  const rounds = g.op("i32.add", g.op("i32.wrap_i64", n), g.i32(1));
  const range = { axis: nest.freshAxis("bit", 2 ** 11), start: g.i32(0), end: rounds };
  const [rest] = nest.loop(range, [a, largest], (...state) => {
    const [left, step] = state as [Value, Value];
    const fits = g.op("f64.ge", left, step);
    return [
      g.select(fits, g.op("f64.sub", left, step), left),
      g.op("f64.mul", step, g.constant("f64", 0.5)),
    ];
  });
  const result = g.op("f32.copysign", g.op("f32.demote_f64", rest!), x);
  return ofSpecial(g, x, y, result);
}

/** NaN where x is infinite, y is 0 or either is NaN; x where y is infinite. */
function ofSpecial(g: ValueGraph, x: Value, y: Value, result: Value): Value {
  const infinity = g.constant("f32", Infinity);
  const isRegular = g.op(
    "i32.and",
    g.op("f32.lt", g.op("f32.abs", x), infinity),
    g.op("f32.gt", g.op("f32.abs", y), g.constant("f32", 0)),
  );
  const ofFinite = g.select(g.op("f32.eq", g.op("f32.abs", y), infinity), x, result);
  return g.select(isRegular, ofFinite, g.constant("f32", NaN));
}

function magnitude(g: ValueGraph, x: Value): Value {
  return g.op("f64.promote_f32", g.op("f32.abs", x));
}

function exponent(g: ValueGraph, x: Value): Value {
  return g.op("i64.shr_u", g.op("i64.reinterpret_f64", x), fraction(g));
}

/** Bits of a float64 below its exponent. */
function fraction(g: ValueGraph): Value {
  return g.constant("i64", 52n);
}

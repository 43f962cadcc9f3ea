/**
 * Minima and maxima of floats in fewer instructions than the IEEE operations take, which compilers make
 * of eight: NaN must win, and -0 is below +0.
 */
import type { Expr, Reduce } from "../../kernel/ir.ts";
import { visitExprs } from "../../kernel/visit.ts";
import { constantOf } from "./integers.ts";
import { toVector, vector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

export type ExtremeOp = "min" | "max";

/** With a bound that is known; undefined where that saves nothing. */
export function boundLanes(g: ValueGraph, op: ExtremeOp, a: Lanes, b: Lanes): Lanes | undefined {
  const [x, bound] = a.kind === "uniform" ? [b, a] : [a, b];
  if (x.kind === "uniform" || bound.kind !== "uniform") return undefined;
  const limit = constantOf(bound.value);
  if (limit === undefined || Number.isNaN(limit)) return undefined;
  // `pmax(x, y)` is `x < y ? y : x`, so NaN stays, and so does a zero where the bound is the other one.
  if (op === "min" && Object.is(limit, -0)) return undefined;
  const name = op === "min" ? "f32x4.pmin" : "f32x4.pmax";
  const bounded = g.op(name, toVector(g, x), toVector(g, bound));
  const isPositiveZero = op === "max" && Object.is(limit, 0);
  return vector("f32", isPositiveZero ? g.op("f32x4.add", bounded, g.words(0, 0, 0, 0)) : bounded);
}

/** Which of the two state i of a reduction is, if it is just that and no other state depends on it. */
export function extremeOf({ state, incoming, combine }: Reduce, i: number): ExtremeOp | undefined {
  const expr = combine[i]!;
  if (state[i]!.type !== "f32" || expr.kind !== "binary") return undefined;
  if (expr.op !== "min" && expr.op !== "max") return undefined;
  const names = [expr.a, expr.b].map((x) => (x.kind === "local" ? x.name : undefined));
  const folds = names.includes(state[i]!.name) && names.includes(incoming[i]!.name);
  const isShared = combine.some((other, j) => j !== i && mentions(other, state[i]!.name));
  return folds && !isShared ? expr.op : undefined;
}

function mentions(expr: Expr, name: string): boolean {
  let found = false;
  visitExprs(expr, (x) => (found ||= x.kind === "local" && x.name === name));
  return found;
}

/**
 * The bits of floats as integers: of those without sign the largest is the largest float, of those with
 * it the smallest unsigned one is; NaN of either sign lies beyond the infinities. So three integer
 * extremes, one instruction each, tell both the minimum and the maximum.
 */
export function startExtremes(x: Value): readonly Value[] {
  return [x, x, x];
}

export function foldExtremes(g: ValueGraph, state: readonly Value[], x: Value): readonly Value[] {
  const [high, least, most] = state as readonly [Value, Value, Value];
  return [
    g.op("i32x4.max_s", high, x),
    g.op("i32x4.min_u", least, x),
    g.op("i32x4.max_u", most, x),
  ];
}

export function resolveExtremes(g: ValueGraph, op: ExtremeOp, state: readonly Value[]): Value {
  const [high, least, most] = state as readonly [Value, Value, Value];
  const all = (word: number): Value => g.words(word, word, word, word);
  const pick = (a: Value, b: Value, c: Value): Value => g.op("v128.bitselect", a, b, c);
  if (op === "max") {
    const isNegative = g.op("i32x4.lt_s", high, all(0));
    const isNaN = g.op("i32x4.gt_u", most, all(0xff80_0000));
    return g.op(
      "v128.or",
      pick(least, high, isNegative),
      g.op("v128.and", isNaN, all(0x7fc0_0000)),
    );
  }
  const hasNegative = g.op("i32x4.lt_s", most, all(0));
  const isNaN = g.op("i32x4.gt_s", high, all(0x7f80_0000));
  return g.op("v128.or", pick(most, least, hasNegative), g.op("v128.and", isNaN, all(0x7fc0_0000)));
}

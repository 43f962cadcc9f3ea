/** Reductions over whole dimensions (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-reduce). */
import { sizeAddress } from "../kernel/address.ts";
import {
  binary,
  cast,
  compare,
  constantOf,
  f32,
  index,
  select,
  unary,
  valueTypeOf,
} from "../kernel/expr.ts";
import type { Expr, ValueType } from "../kernel/ir.ts";
import type { DataType, StorageType } from "../util/data-type.ts";
import { productOf, type Size } from "../util/size.ts";
import { integerRange } from "./cast-number.ts";
import { anyRank, anyType, floatTypes, operand, summableTypes } from "./operands.ts";
import { op, type Descriptor, type Reduction, type Row } from "./row.ts";
import { allAxes, reducedShape, termCount } from "./shapes.ts";
import { add, div, mul, sub } from "./values.ts";

/** What distinguishes one reduction from another. States are of the input's value type, or f32. */
interface Fold {
  readonly init: (dataType: StorageType) => readonly Expr[];
  readonly map: (x: Expr) => readonly Expr[];
  readonly combine: (state: readonly Expr[], incoming: readonly Expr[]) => readonly Expr[];
  readonly finish?: (state: readonly Expr[], count: Size) => Expr;
  readonly ulp: (count: number) => number;
  /** Folding what folds gave is the same as one fold. */
  readonly stepwise?: true;
}

const square = (x: Expr): Expr => mul(x, x);
const squareRoot = ([x]: readonly Expr[]): Expr => unary("sqrt", x!);
const logarithm = ([x]: readonly Expr[]): Expr => unary("log", x!);

const sum: Fold = {
  init: (dataType) => [constantOf(valueTypeOf(dataType), 0)],
  map: (x) => [x],
  combine: ([a], [b]) => [add(a!, b!)],
  ulp: (count) => count,
};
const total: Fold = { ...sum, stepwise: true };
const product: Fold = {
  ...sum,
  init: (dataType) => [constantOf(valueTypeOf(dataType), 1)],
  combine: ([a], [b]) => [mul(a!, b!)],
  stepwise: true,
};
const sumOfMagnitudes: Fold = { ...sum, map: (x) => [x.type[0] === "u" ? x : unary("abs", x)] };
const sumOfSquares: Fold = { ...sum, map: (x) => [square(x)], ulp: (count) => 2 * count };
const mean: Fold = {
  ...sum,
  finish: ([total], count) => div(total!, countOf(count)),
  ulp: (count) => count + 3,
};
const greatest: Fold = { ...extreme("max", lowest), ulp: () => 0, stepwise: true };
const least: Fold = { ...extreme("min", highest), ulp: () => 0, stepwise: true };

/**
 * log Σ e^x as (m, s): the greatest x so far and Σ e^(x - m), so that nothing overflows. Where two
 * greatest are equal the factor is 1 without subtracting, also for infinities.
 */
const logSumExp: Fold = {
  init: () => [f32(-Infinity), f32(0)],
  map: (x) => [x, f32(1)],
  combine([m, s], [n, t]) {
    const top = binary("max", m!, n!);
    const factor = (x: Expr): Expr =>
      unary("exp", select(compare("eq", x, top), f32(0), sub(x, top)));
    return [top, add(mul(s!, factor(m!)), mul(t!, factor(n!)))];
  },
  finish: ([m, s]) => add(m!, unary("log", s!)),
  ulp: (count) => 2 * count + 32,
};

export const reduceL1 = reduction("reduceL1", summableTypes, sumOfMagnitudes);
export const reduceL2 = reduction("reduceL2", floatTypes, { ...sumOfSquares, finish: squareRoot });
export const reduceLogSum = reduction("reduceLogSum", floatTypes, {
  ...sum,
  finish: logarithm,
  ulp: (count) => count + 32,
});
export const reduceLogSumExp = reduction("reduceLogSumExp", floatTypes, logSumExp);
export const reduceMax = reduction("reduceMax", anyType, greatest);
export const reduceMean = reduction("reduceMean", floatTypes, mean);
export const reduceMin = reduction("reduceMin", anyType, least);
export const reduceProduct = reduction("reduceProduct", summableTypes, product);
export const reduceSum = reduction("reduceSum", summableTypes, total);
export const reduceSumSquare = reduction("reduceSumSquare", summableTypes, sumOfSquares);

export const reduceRows: readonly Row[] = [
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProduct,
  reduceSum,
  reduceSumSquare,
];

/** The smallest value of a type, in its arithmetic: where a maximum starts. */
export function lowest(dataType: StorageType): Expr {
  return bound(dataType, 0);
}

export function highest(dataType: StorageType): Expr {
  return bound(dataType, 1);
}

/** A count as a float. */
export function countOf(count: Size): Expr {
  return cast("f32", index(sizeAddress(count)));
}

/** How a reduction over whole dimensions reads its input; the caller adds what it folds. */
export function wholeDimensions(
  input: Descriptor,
  axes: readonly number[],
  keepDimensions: boolean,
): Pick<Reduction, "extents" | "element" | "whole"> {
  const kept = allAxes(input.shape).filter((d) => !axes.includes(d));
  return {
    extents: axes.map((d) => input.shape[d]!),
    element: (read, at, point) =>
      read(
        input,
        input.shape.map((_, d) => {
          const along = axes.indexOf(d);
          if (along >= 0) return point[along]!;
          return at[keepDimensions ? d : kept.indexOf(d)]!;
        }),
      ),
    whole: { input, axes, keepDimensions },
  };
}

function reduction(name: string, types: readonly DataType[], fold: Fold): Row {
  return op(name, {
    args: { input: operand(types) },
    options: {
      axes: { kind: "u32List", optional: true },
      keepDimensions: { kind: "boolean", default: false },
    },
    outputs: { output: { types: { sameAs: "input" }, ranks: anyRank } },
    resolve: ({ input, axes }) => ({ axes: axes ?? allAxes(input.shape) }),
    infer: ({ input, axes, keepDimensions }) => [
      { dataType: input.dataType, shape: reducedShape(input.shape, axes, keepDimensions) },
    ],
    lower: {
      kind: "reduce",
      of({ input, axes, keepDimensions }) {
        const { init, map, combine, finish } = fold;
        const count = productOf(axes.map((d) => input.shape[d]!));
        const initial = init(input.dataType);
        return {
          ...wholeDimensions(input, axes, keepDimensions),
          types: initial.map(({ type }): ValueType => type),
          init: initial,
          map,
          combine,
          finish: (state) => (finish === undefined ? state[0]! : finish(state, count)),
        };
      },
    },
    ...(fold.stepwise && { stepwise: true }),
    ulp: ({ input, axes }) => fold.ulp(termCount(axes.map((d) => input.shape[d]!))),
  });
}

function extreme(name: "min" | "max", start: (dataType: StorageType) => Expr): Omit<Fold, "ulp"> {
  return {
    init: (dataType) => [start(dataType)],
    map: (x) => [x],
    combine: ([a], [b]) => [binary(name, a!, b!)],
  };
}

function bound(dataType: StorageType, end: 0 | 1): Expr {
  const type = valueTypeOf(dataType);
  if (type === "f32") return f32(end === 0 ? -Infinity : Infinity);
  const bits = type === "i64" || type === "u64" ? 64 : 32;
  return constantOf(type, integerRange(bits, type === "u32" || type === "u64")[end]);
}

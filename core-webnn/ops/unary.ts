/** Element-wise unary operations (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-unary), cast and clamp. */
import {
  binary,
  cast as castTo,
  compare,
  constantOf,
  f32,
  narrow,
  select,
  unary,
  valueTypeOf,
} from "../kernel/expr.ts";
import type { Expr, UnaryOp } from "../kernel/ir.ts";
import { bitsPerElement, isUnsigned, type DataType } from "../util/data-type.ts";
import { castNumber, integerRange } from "./cast-number.ts";
import { anyType, floatTypes, operand, signedTypes } from "./operands.ts";
import { op, type Descriptor, type Row } from "./row.ts";
import { check } from "./shapes.ts";
import { numberOf } from "./values.ts";

export const abs = elementwise("abs", signedTypes, 0, apply("abs"));
export const ceil = elementwise("ceil", floatTypes, 0, apply("ceil"));
export const cos = elementwise("cos", floatTypes, 64, apply("cos"));
export const erf = elementwise("erf", floatTypes, 18, apply("erf"));
export const exp = elementwise("exp", floatTypes, 32, apply("exp"));
export const floor = elementwise("floor", floatTypes, 0, apply("floor"));
export const log = elementwise("log", floatTypes, 32, apply("log"));
export const neg = elementwise("neg", signedTypes, 0, apply("neg"));
export const reciprocal = elementwise("reciprocal", floatTypes, 3, (x) => binary("div", f32(1), x));
export const roundEven = elementwise("roundEven", floatTypes, 0, apply("roundEven"));
export const sin = elementwise("sin", floatTypes, 64, apply("sin"));
/** 0 also for NaN: "returning 1 if > 0, -1 if < 0, and 0 otherwise". */
export const sign = elementwise("sign", signedTypes, 0, (x) => {
  const [one, zero, minusOne] = [1, 0, -1].map((value) => constantOf(x.type, value));
  const notPositive = select(compare("lt", x, zero!), minusOne!, zero!);
  return select(compare("gt", x, zero!), one!, notPositive);
});
export const sqrt = elementwise("sqrt", floatTypes, 2, apply("sqrt"));
export const tan = elementwise("tan", floatTypes, 128, apply("tan"));

/**
 * Floats truncate and saturate, NaN becomes 0, integers wrap. What the type cannot hold is left to the
 * implementation.
 */
export const cast = op("cast", {
  args: { input: operand(anyType), dataType: { kind: "dataType" } },
  outputs: { output: { types: anyType, ranks: { sameAs: "input" } } },
  infer: ({ input, dataType }) => [{ dataType, shape: input.shape }],
  lower: {
    kind: "scalar",
    value({ input }, { dataType }) {
      const x = castTo(valueTypeOf(dataType), input!);
      if (input!.type === "f32" && bitsPerElement(dataType) === 8) return saturated(x, dataType);
      // Narrowed here, so that a cast to float16 rounds also where nothing is stored.
      return narrow(dataType, x);
    },
  },
  ulp: 1,
});

/** Bounds that are not given, or NaN, do not limit, so that NaN and infinities pass as they are. */
export const clamp = op("clamp", {
  args: { input: operand(anyType) },
  options: {
    minValue: { kind: "number", as: "input", optional: true },
    maxValue: { kind: "number", as: "input", optional: true },
  },
  resolve: ({ minValue, maxValue }) => ({
    minValue: Number.isNaN(minValue) ? undefined : minValue,
    maxValue: Number.isNaN(maxValue) ? undefined : maxValue,
  }),
  infer({ input, minValue, maxValue }) {
    const low = boundOf(input, minValue ?? -Infinity);
    const high = boundOf(input, maxValue ?? Infinity);
    check(!(low > high), `minValue ${low} is greater than maxValue ${high}`);
    return [input];
  },
  lower: {
    kind: "scalar",
    value({ input }, { input: { dataType }, minValue, maxValue }) {
      const raised =
        minValue === undefined ? input! : binary("max", input!, numberOf(dataType, minValue));
      return maxValue === undefined ? raised : binary("min", raised, numberOf(dataType, maxValue));
    },
  },
  ulp: 0,
});

export const unaryRows: readonly Row[] = [
  abs,
  ceil,
  cos,
  erf,
  exp,
  floor,
  log,
  neg,
  reciprocal,
  roundEven,
  sin,
  sign,
  sqrt,
  tan,
  cast,
  clamp,
];

function apply(name: UnaryOp): (x: Expr) => Expr {
  return (x) => unary(name, x);
}

function elementwise(
  name: string,
  types: readonly DataType[],
  ulp: number,
  value: (x: Expr) => Expr,
): Row {
  return op(name, {
    args: { input: operand(types) },
    infer: ({ input }) => [input],
    lower: { kind: "scalar", value: ({ input }) => value(input!) },
    ulp,
  });
}

/** 32 bits within the range of 8; negative floats are 0 already where there is no sign. */
function saturated(x: Expr, dataType: DataType): Expr {
  const [low, high] = integerRange(8, isUnsigned(dataType)).map((end) => constantOf(x.type, end));
  const below = binary("min", x, high!);
  return isUnsigned(dataType) ? below : binary("max", below, low!);
}

function boundOf({ dataType }: Descriptor, value: number | bigint): number | bigint {
  return castNumber(value, dataType);
}

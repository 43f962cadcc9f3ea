/** Activations: each is a formula of one element. Where a formula of the spec cancels or overflows, its stable form stands here. */
import { binary, compare, constantOf, f32, select, unary } from "../kernel/expr.ts";
import type { Expr } from "../kernel/ir.ts";
import type { StorageType } from "../util/data-type.ts";
import { normalTail } from "./normal-tail.ts";
import { floatTypes, operand, signedTypes } from "./operands.ts";
import { op, type Args, type Descriptor, type Row } from "./row.ts";
import { add, div, expMinusOne, logOnePlus, mul, numberOf, sub } from "./values.ts";

/** x above 0, alpha · (e^x - 1) below. */
export const elu = activation("elu", { alpha: 1 }, 32, (x, { alpha }) =>
  select(isNegative(x), mul(alpha, expMinusOne(x)), x),
);

/**
 * 0.5 · x · (1 + erf(x / √2)), which is x · Φ(x): below 0 from the tail itself, above it from what the tail leaves
 * of 1. The product with the density, which may be subnormal, comes last.
 */
export const gelu = activation("gelu", {}, 16, (x) => {
  const { density, factor } = normalTail(x);
  const above = mul(x, sub(f32(1), mul(factor, density)));
  return select(isNegative(x), mul(mul(x, factor), density), above);
});

export const hardSigmoid = activation(
  "hardSigmoid",
  { alpha: 0.2, beta: 0.5 },
  4,
  (x, { alpha, beta }) => between(add(mul(alpha, x), beta), 0, 1),
);

/** x · max(0, min(6, x + 3)) / 6; x times 6 might overflow. */
export const hardSwish = activation("hardSwish", {}, 4, (x) =>
  mul(x, div(between(add(x, f32(3)), 0, 6), f32(6))),
);

export const leakyRelu = activation("leakyRelu", { alpha: 0.01 }, 1, (x, { alpha }) =>
  select(isNegative(x), mul(alpha, x), x),
);

export const linear = activation("linear", { alpha: 1, beta: 0 }, 2, (x, { alpha, beta }) =>
  add(mul(alpha, x), beta),
);

export const relu = op("relu", {
  args: { input: operand(signedTypes) },
  infer: ({ input }) => [input],
  lower: {
    kind: "scalar",
    value: ({ input }) => binary("max", input!, constantOf(input!.type, 0)),
  },
  ulp: 0,
});

/** 1 / (1 + e^-x), which is e^x / (1 + e^x): of the two, the one whose exponential does not overflow. */
export const sigmoid = activation("sigmoid", {}, 34, (x) => {
  const e = unary("exp", unary("neg", unary("abs", x)));
  return div(select(isNegative(x), e, f32(1)), add(f32(1), e));
});

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|): the exponential never overflows. */
export const softplus = activation("softplus", {}, 34, (x) => {
  const decayed = unary("exp", unary("neg", unary("abs", x)));
  return add(binary("max", x, f32(0)), logOnePlus(decayed));
});

export const softsign = activation("softsign", {}, 3, (x) => div(x, add(f32(1), unary("abs", x))));

export const tanh = activation("tanh", {}, 16, (x) => unary("tanh", x));

export const activationRows: readonly Row[] = [
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  linear,
  relu,
  sigmoid,
  softplus,
  softsign,
  tanh,
];

/** `value` gets x and the options, cast to the type of the input as the spec says. */
function activation<const P extends Readonly<Record<string, number>>>(
  name: string,
  parameters: P,
  ulp: number,
  value: (x: Expr, parameters: Readonly<Record<keyof P, Expr>>) => Expr,
): Row {
  const options: Args = Object.fromEntries(
    Object.entries(parameters).map(([key, number]) => [key, { kind: "double", default: number }]),
  );
  return op(name, {
    args: { input: operand(floatTypes) },
    options,
    infer: ({ input }) => [input as Descriptor],
    lower: {
      kind: "scalar",
      value: ({ input }, args, [output]) =>
        value(input!, constantsOf(parameters, args, output!.dataType)),
    },
    ulp,
  });
}

function constantsOf<P extends Readonly<Record<string, number>>>(
  parameters: P,
  args: Readonly<Record<string, unknown>>,
  dataType: StorageType,
): Readonly<Record<keyof P, Expr>> {
  const constants = Object.keys(parameters).map((key) => [
    key,
    numberOf(dataType, args[key] as number),
  ]);
  return Object.fromEntries(constants) as Record<keyof P, Expr>;
}

function isNegative(x: Expr): Expr {
  return compare("lt", x, f32(0));
}

function between(x: Expr, low: number, high: number): Expr {
  return binary("max", f32(low), binary("min", f32(high), x));
}

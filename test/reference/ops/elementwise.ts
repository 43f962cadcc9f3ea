/** Element-wise operations of the reference: unary, binary, activations, cast, clamp, comparisons and logic. */
import { isFloat, type StorageType } from "../../../core-webnn/util/data-type.ts";
import type { Numeric } from "../values.ts";
import { erf, erfc } from "./special.ts";
import {
  at,
  broadcast,
  build,
  castOption,
  evaluator,
  rangeOf,
  roundHalfEven,
  wrap,
  type Evaluate,
  type Result,
  type Tensor,
} from "./tensor.ts";

interface Unary {
  readonly input: Tensor;
}
interface Binary {
  readonly a: Tensor;
  readonly b: Tensor;
}
type Real = (x: number) => number;

function unary(real: Real, whole?: (x: bigint) => bigint): Evaluate {
  return evaluator(({ input }: Unary) => [mapped(input, real, whole)]);
}

function mapped(input: Tensor, real: Real, whole?: (x: bigint) => bigint): Result {
  const { dataType } = input;
  const apply = (x: Numeric): Numeric => {
    if (isFloat(dataType)) return real(Number(x));
    return openOr(x, () => wrap(dataType, whole!(BigInt(x))));
  };
  return { dataType, shape: input.shape, values: input.values.map(apply) };
}

/** What the spec leaves open stays open. */
function openOr(x: Numeric, value: () => Numeric): Numeric {
  return Number.isNaN(x) ? NaN : value();
}

function binary(
  real: (a: number, b: number) => number,
  whole: (a: bigint, b: bigint) => bigint,
): Evaluate {
  return evaluator(({ a, b }: Binary) => {
    const { dataType } = a;
    const both = (index: number[]): Numeric => {
      const [x, y] = [at(a, index), at(b, index)];
      if (isFloat(dataType)) return real(Number(x), Number(y));
      return openOr(x, () => openOr(y, () => wrap(dataType, whole(BigInt(x), BigInt(y)))));
    };
    return [build(dataType, broadcast(a.shape, b.shape), both)];
  });
}

/** As IEEE 754's maximum and minimum: NaN wins. */
const greatest = (a: number, b: number): number => Math.max(a, b);
const least = (a: number, b: number): number => Math.min(a, b);

export const arithmetic: Readonly<Record<string, Evaluate>> = {
  add: binary(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  sub: binary(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  mul: binary(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  div: binary(
    (a, b) => a / b,
    (a, b) => a / b,
  ),
  max: binary(greatest, (a, b) => (a > b ? a : b)),
  min: binary(least, (a, b) => (a < b ? a : b)),
  pow: binary(
    (a, b) => a ** b,
    (a, b) => a ** b,
  ),
  prelu: evaluator(({ input, slope }: { input: Tensor; slope: Tensor }) =>
    binary(
      (x, s) => (x < 0 ? s * x : x),
      (x, s) => (x < 0n ? s * x : x),
    )({ a: input, b: slope }),
  ),
};

export const functions: Readonly<Record<string, Evaluate>> = {
  abs: unary(Math.abs, (x) => (x < 0n ? -x : x)),
  ceil: unary(Math.ceil),
  cos: unary(Math.cos),
  erf: unary(erf),
  exp: unary(Math.exp),
  floor: unary(Math.floor),
  identity: evaluator(({ input }: Unary) => [input]),
  log: unary(Math.log),
  neg: unary(
    (x) => -x,
    (x) => -x,
  ),
  reciprocal: unary((x) => 1 / x),
  roundEven: unary(roundHalfEven),
  sin: unary(Math.sin),
  sign: unary(
    (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
    (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  ),
  sqrt: unary(Math.sqrt),
  tan: unary(Math.tan),
  relu: unary(
    (x) => Math.max(x, 0),
    (x) => (x > 0n ? x : 0n),
  ),
  gelu: unary((x) => 0.5 * x * erfc(-x / Math.SQRT2)),
  hardSwish: unary((x) => (x * clampReal(x + 3, 0, 6)) / 6),
  sigmoid: unary(sigmoid),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  softsign: unary((x) => x / (1 + Math.abs(x))),
  tanh: unary(Math.tanh),
  elu: parametric({ alpha: 1 }, (x, { alpha }) => (x < 0 ? alpha * Math.expm1(x) : x)),
  leakyRelu: parametric({ alpha: 0.01 }, (x, { alpha }) => (x < 0 ? alpha * x : x)),
  hardSigmoid: line({ alpha: 0.2, beta: 0.5 }, (x) => clampReal(x, 0, 1)),
  linear: line({ alpha: 1, beta: 0 }, (x) => x),
};

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

interface Line {
  readonly alpha: number;
  readonly beta: number;
}

/** A function of alpha · x + beta, whose two terms may cancel. */
function line(defaults: Line, finish: Real): Evaluate {
  return evaluator((args: Unary & Partial<Line>) => {
    const { input } = args;
    const cast = (value: number): number => Number(castOption(input.dataType, value));
    const [alpha, beta] = [cast(args.alpha ?? defaults.alpha), cast(args.beta ?? defaults.beta)];
    const magnitudes = input.values.map((x) => Math.abs(alpha * Number(x)) + Math.abs(beta));
    return [{ ...mapped(input, (x) => finish(alpha * x + beta)), magnitudes }];
  });
}

function parametric<const P extends Readonly<Record<string, number>>>(
  defaults: P,
  value: (x: number, parameters: Readonly<Record<keyof P, number>>) => number,
): Evaluate {
  return evaluator((args: Unary & Partial<Record<string, number>>) => {
    const { input } = args;
    const cast = Object.entries(defaults).map(([name, fallback]) => [
      name,
      castOption(input.dataType, (args as Partial<Record<string, number>>)[name] ?? fallback),
    ]);
    const parameters = Object.fromEntries(cast) as Record<keyof P, number>;
    return [mapped(input, (x) => value(x, parameters))];
  });
}

function clampReal(x: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, x));
}

export const conversions: Readonly<Record<string, Evaluate>> = {
  cast: evaluator(({ input, dataType }: Unary & { dataType: StorageType }) => [
    {
      ...input,
      dataType,
      values: input.values.map((x) => castElement(input.dataType, dataType, x)),
    },
  ]),
  clamp: evaluator(({ input, minValue, maxValue }: Unary & Partial<Bounds>) => {
    const { dataType } = input;
    const low = isOpen(minValue) ? undefined : castOption(dataType, minValue);
    const high = isOpen(maxValue) ? undefined : castOption(dataType, maxValue);
    const clamp = (x: Numeric): Numeric => {
      if (Number.isNaN(x)) return x;
      const raised = low !== undefined && x < low ? low : x;
      return high !== undefined && raised > high ? high : raised;
    };
    return [{ ...input, values: input.values.map(clamp) }];
  }),
};

interface Bounds {
  readonly minValue: Numeric;
  readonly maxValue: Numeric;
}

function isOpen(bound: Numeric | undefined): bound is undefined {
  return bound === undefined || Number.isNaN(bound);
}

/** Floats outside of an integer's range are left open by the spec. */
function castElement(from: StorageType, to: StorageType, x: Numeric): Numeric {
  if (isFloat(to)) return Number(x);
  if (!isFloat(from)) return openOr(x, () => wrap(to, BigInt(x)));
  const whole = Math.trunc(Number(x));
  const [low, high] = rangeOf(to);
  const fits = Number.isFinite(whole) && BigInt(whole) >= low && BigInt(whole) <= high;
  return fits ? wrap(to, BigInt(whole)) : NaN;
}

function comparison(holds: (a: Numeric, b: Numeric) => boolean): Evaluate {
  return evaluator(({ a, b }: Binary) => [
    build("uint8", broadcast(a.shape, b.shape), (index) => {
      const [x, y] = [at(a, index), at(b, index)];
      const open = !isFloat(a.dataType) && (Number.isNaN(x) || Number.isNaN(y));
      return open ? NaN : Number(holds(x, y));
    }),
  ]);
}

function test(holds: (x: number) => boolean): Evaluate {
  return evaluator(({ a }: { a: Tensor }) => [
    { dataType: "uint8", shape: a.shape, values: a.values.map((x) => Number(holds(Number(x)))) },
  ]);
}

export const logic: Readonly<Record<string, Evaluate>> = {
  equal: comparison((a, b) => a === b),
  notEqual: comparison((a, b) => a !== b),
  greater: comparison((a, b) => a > b),
  greaterOrEqual: comparison((a, b) => a >= b),
  lesser: comparison((a, b) => a < b),
  lesserOrEqual: comparison((a, b) => a <= b),
  logicalAnd: comparison((a, b) => a !== 0 && b !== 0),
  logicalOr: comparison((a, b) => a !== 0 || b !== 0),
  logicalXor: comparison((a, b) => (a !== 0) !== (b !== 0)),
  logicalNot: test((x) => x === 0),
  isNaN: test(Number.isNaN),
  isInfinite: test((x) => Math.abs(x) === Infinity),
  where: evaluator(({ condition, trueValue, falseValue }: Where) => [
    build(
      trueValue.dataType,
      broadcast(condition.shape, trueValue.shape, falseValue.shape),
      (index) => at(at(condition, index) === 0 ? falseValue : trueValue, index),
    ),
  ]),
};

interface Where {
  readonly condition: Tensor;
  readonly trueValue: Tensor;
  readonly falseValue: Tensor;
}

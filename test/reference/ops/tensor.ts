/**
 * Tensors of the float64 reference and how its evaluators walk them.
 *
 * Values are numbers, and bigints for 64-bit integers. Those of a float type are not rounded to it: the
 * reference says what exact arithmetic gives, and who compares knows how far a device may be off.
 */
import { isFloat, isUnsigned, bitsPerElement } from "../../../core-webnn/util/data-type.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import type { Numeric } from "../values.ts";

export type Shape = readonly number[];

export interface Tensor {
  readonly dataType: StorageType;
  readonly shape: Shape;
  /** NaN in an integer tensor stands for a value that the spec leaves open. */
  readonly values: readonly Numeric[];
}

/** What an op gives, and how near a device must come to it. */
export interface Result extends Tensor {
  /** The size of the terms behind each element, where they may cancel: units are at least of that size. */
  readonly magnitudes?: readonly number[];
  /** A difference that is allowed besides the op's units: a quotient near a tie may round either way. Infinite where anything goes. */
  readonly slack?: readonly number[];
}

export type Argument =
  Tensor | readonly Tensor[] | Numeric | boolean | string | Shape | readonly string[] | undefined;
/** Arguments and options by the names of the IDL; what the caller left out is absent. */
export type Arguments = Readonly<Record<string, Argument>>;
export type Evaluate = (args: Arguments) => readonly Result[];

/** An evaluator that takes its arguments typed: the op's method has checked them. */
export function evaluator<A>(evaluate: (args: A) => readonly Result[]): Evaluate {
  return (args) => evaluate(args as unknown as A);
}

/** One term among those that make an element. */
export interface Sum {
  readonly value: number;
  readonly magnitude: number;
  readonly slack?: number;
}

export function countOf(shape: Shape): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** All indices of a shape, the last dimension fastest. */
export function indicesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, size) =>
      prefixes.flatMap((prefix) => Array.from({ length: size }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** The element at an index; dimensions align at the end, and those of 1 repeat. */
export function at<T extends Tensor>({ shape, values }: T, index: Shape): Numeric {
  const start = index.length - shape.length;
  let flat = 0;
  for (let d = 0; d < shape.length; d++) {
    flat = flat * shape[d]! + (shape[d] === 1 ? 0 : index[start + d]!);
  }
  return values[flat]!;
}

export function numberAt(tensor: Tensor, index: Shape): number {
  return Number(at(tensor, index));
}

/** A result that is computed element by element. */
export function build(
  dataType: StorageType,
  shape: Shape,
  element: (index: number[]) => Numeric,
): Result {
  return { dataType, shape, values: indicesOf(shape).map(element) };
}

/** The same for sums, which know the size of their terms. */
export function buildSums(
  dataType: StorageType,
  shape: Shape,
  element: (index: number[]) => Sum,
): Result {
  const sums = indicesOf(shape).map(element);
  const values = sums.map(({ value }) => value);
  return {
    dataType,
    shape,
    values,
    magnitudes: sums.map(({ magnitude }) => magnitude),
    slack: sums.map(({ slack = 0 }) => slack),
  };
}

/** √(a² + b² + …), whose squares may leave float32's range where the root does not. */
export function rootOfSquares(values: readonly number[]): Sum {
  const value = Math.sqrt(addUp(values.map((x) => x * x)).value);
  const slack = value > 2 ** 62 ? Infinity : Math.sqrt(values.length) * 2 ** -63;
  return { value, magnitude: 0, slack };
}

/** Whose sum may leave float32's range where the mean does not. */
export function mean(values: readonly number[]): Sum {
  const { value, magnitude } = addUp(values);
  const count = values.length;
  const slack = magnitude > 2 ** 126 ? Infinity : 0;
  return { value: value / count, magnitude: magnitude / count, slack };
}

export function addUp(terms: Iterable<number>): Sum {
  let [value, magnitude] = [0, 0];
  for (const term of terms) {
    value += term;
    magnitude += Math.abs(term);
  }
  return { value, magnitude };
}

/** The lowest bits of an integer, read as the type does. */
export function wrap(dataType: StorageType, value: bigint): Numeric {
  const bits = bitsPerElement(dataType);
  const wrapped = isUnsigned(dataType) ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  return bits === 64 ? wrapped : Number(wrapped);
}

export function rangeOf(dataType: StorageType): readonly [low: bigint, high: bigint] {
  const bits = BigInt(bitsPerElement(dataType));
  if (isUnsigned(dataType)) return [0n, 2n ** bits - 1n];
  return [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

/** Rounded to nearest, ties to even; what is too large becomes infinite. */
export function roundTo(dataType: StorageType, x: number): number {
  if (dataType === "float32") return Math.fround(x);
  if (dataType !== "float16" || x === 0 || !Number.isFinite(x)) return x;
  const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -14) - 10);
  const rounded = roundHalfEven(x / unit) * unit;
  return Math.abs(rounded) > 65504 ? Math.sign(x) * Infinity : rounded;
}

export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest === 0) return x;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** An option as the spec casts it to the type of the operand it works on. */
export function castOption(dataType: StorageType, value: Numeric): Numeric {
  if (isFloat(dataType)) return roundTo(dataType, Number(value));
  const [low, high] = rangeOf(dataType);
  const whole = typeof value === "bigint" ? value : wholeNumber(value, low, high);
  return wrap(dataType, whole < low ? low : whole > high ? high : whole);
}

function wholeNumber(value: number, low: bigint, high: bigint): bigint {
  if (Number.isNaN(value)) return 0n;
  if (!Number.isFinite(value)) return value < 0 ? low : high;
  return BigInt(roundHalfEven(value));
}

export function broadcast(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, d) =>
    Math.max(...shapes.map((shape) => shape[d + shape.length - rank] ?? 1)),
  );
}

/**
 * resample2d (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-resample2d-method): pixels are squares, and
 * coordinates those of their centres. The coordinate in the input of the output's pixel `at`,
 *   (at + 0.5) / (outputSize / inputSize) - 0.5 = ((2·at + 1) · inputSize - outputSize) / (2 · outputSize),
 * is a fraction of integers, so that which pixels are read, and ties between them, are exact.
 */
import type { Address, Expr } from "../kernel/ir.ts";
import { cast, compare, f32, select, unary, valueTypeOf } from "../kernel/expr.ts";
import type { DataType } from "../util/data-type.ts";
import {
  addSizes,
  divideExactly,
  floorDivideSizes,
  formatShape,
  multiplySizes,
  subtractSizes,
  type Size,
} from "../util/size.ts";
import { narrowIntegers, wideIntegers, type Integers } from "./integers.ts";
import { exactRank, floatTypes, operand } from "./operands.ts";
import { op, type Claims, type Descriptor, type Read, type Row } from "./row.ts";
import { check, checkAxes, checkLength } from "./shapes.ts";
import { add, div, mul, sub } from "./values.ts";

const types: readonly DataType[] = [...floatTypes, "uint8", "int8"];

export const resample2d = op("resample2d", {
  args: { input: operand(types, exactRank(4)) },
  options: {
    mode: { kind: "enum", values: ["nearest-neighbor", "linear"], default: "nearest-neighbor" },
    scales: { kind: "f32List", optional: true },
    sizes: { kind: "sizes", optional: true },
    axes: { kind: "u32List", optional: true },
  },
  outputs: { output: { types: { sameAs: "input" }, ranks: exactRank(4) } },
  resolve: ({ scales, axes }) => ({ scales: scales ?? [1, 1], axes: axes ?? [2, 3] }),
  infer({ input, scales, sizes, axes }, claims) {
    checkLength(scales, 2, "scales");
    const isPositive = scales.every((scale) => scale > 0);
    check(isPositive, `scales [${scales.join(", ")}] are not positive`);
    if (sizes) {
      checkLength(sizes, 2, "sizes");
      check(!sizes.includes(0), `sizes ${formatShape(sizes)} must not contain 0`);
    }
    checkLength(axes, 2, "axes");
    checkAxes(axes, 4);
    const shape = [...input.shape];
    axes.forEach((axis, i) => {
      const from = input.shape[axis]!;
      const to = sizes?.[i] ?? scaled(from, scales[i]!);
      claims.atMost(1, to, `1 and the resampled size of dimension ${axis}`);
      claimRange(from, to, axis, claims);
      shape[axis] = to;
    });
    return [{ dataType: input.dataType, shape }];
  },
  lower: {
    kind: "index",
    value(read, index, { input, mode, axes }, [output]) {
      const dimensions = axes.filter((d) => !isSame(input.shape[d]!, output!.shape[d]!));
      const samples = dimensions.map((d): Sample => {
        const [from, to] = [input.shape[d]!, output!.shape[d]!];
        return isWide(from, to)
          ? sample(wideIntegers, index[d]!, from, to)
          : sample(narrowIntegers, index[d]!, from, to);
      });
      const source = (which: "nearest" | "low"): Address[] =>
        index.map((at, d) => samples[dimensions.indexOf(d)]?.[which] ?? at);
      return mode === "linear"
        ? interpolated(read, input, source("low"), dimensions, samples)
        : read(input, source("nearest"));
    },
  },
  // A weight, a product and a sum round for each of two dimensions.
  ulp: ({ mode }) => (mode === "linear" ? 6 : 0),
});

export const resampleRows: readonly Row[] = [resample2d];

/** Along one dimension. */
interface Sample {
  readonly nearest: Address;
  readonly low: Address;
  readonly high: Address;
  /** Of low and high: integers in float32. Their sum is `divisor`. */
  readonly weights: readonly [Expr, Expr];
  readonly divisor: Expr;
}

/**
 * The nearest pixel, ceil(c - 0.5) of the coordinate c, is floor(((2·at + 1) · from - 1) / (2·to)): never
 * outside, so it needs no clamping. A common factor of both sizes changes neither floor.
 */
function sample<T>(integers: Integers<T>, at: Address, from: Size, to: Size): Sample {
  const { ofAddress, ofSize, add: sum, multiply, min, max, quotient, remainder, value } = integers;
  const [a, b] = ratio(from, to);
  const divisor = multiplySizes(2, b);
  const doubled = multiply(ofAddress(at), ofSize(multiplySizes(2, a)));
  const nearest = sum(doubled, ofSize(subtractSizes(a, 1)));
  const last = ofSize(multiplySizes(divisor, subtractSizes(from, 1)));
  const exact = max(ofSize(0), min(last, sum(doubled, ofSize(subtractSizes(a, b)))));
  const rest = remainder(exact, divisor);
  const opposite = sum(ofSize(divisor), multiply(rest, ofSize(-1)));
  return {
    nearest: quotient(nearest, divisor),
    low: quotient(exact, divisor),
    high: quotient(sum(exact, ofSize(subtractSizes(divisor, 1))), divisor),
    weights: [value(opposite), value(rest)],
    divisor: value(ofSize(divisor)),
  };
}

/**
 * Integers are divided once, after a sum of integers, and go to the nearest integer, ties to even: the
 * standard leaves their rounding open.
 */
function interpolated(
  read: Read,
  input: Descriptor,
  low: readonly Address[],
  dimensions: readonly number[],
  samples: readonly Sample[],
): Expr {
  const type = valueTypeOf(input.dataType);
  const isFloat = type === "f32";
  const along = (at: readonly Address[], i: number): Expr => {
    const part = samples[i];
    if (part === undefined) return cast("f32", read(input, at));
    const [p, q] = part.weights.map((x) => (isFloat ? div(x, part.divisor) : x));
    const next = at.with(dimensions[i]!, part.high);
    return add(mul(along(at, i + 1), p!), mul(along(next, i + 1), q!));
  };
  const x = along(low, 0);
  if (isFloat) return x;
  const whole = samples.map(({ divisor }) => divisor).reduce((a, b) => mul(a, b), f32(1));
  return cast(type, roundedQuotient(x, whole));
}

/** Of integers, ties to even, also where division does not round correctly: half of a tie is far from one. */
function roundedQuotient(a: Expr, b: Expr): Expr {
  const quotient = div(a, b);
  const nearest = unary("roundEven", quotient);
  const rest = unary("abs", sub(a, mul(nearest, b)));
  const isTie = compare("eq", add(rest, rest), b);
  const even = mul(f32(2), unary("roundEven", mul(quotient, f32(0.5))));
  return select(isTie, even, nearest);
}

/** floor(size · scale); a float32 is a fraction of integers, so that it can scale a named size too. */
function scaled(size: Size, scale: number): Size {
  if (typeof size === "number") return Math.floor(size * scale);
  let divisor = 1;
  while (!Number.isInteger(scale * divisor) && divisor < 2 ** 15) divisor *= 2;
  const factor = scale * divisor;
  const says = `dimension ${formatShape([size])} has a name, and scale ${scale} is no fraction of small integers`;
  check(Number.isInteger(factor) && factor < 2 ** 15, says);
  return floorDivideSizes(multiplySizes(size, factor), divisor);
}

/** Both sizes in lowest terms, as far as they are known. */
function ratio(from: Size, to: Size): readonly [from: Size, to: Size] {
  const [more, less] = [divideExactly(from, to), divideExactly(to, from)];
  if (more !== undefined) return [more, 1];
  if (less !== undefined) return [1, less];
  if (typeof from !== "number" || typeof to !== "number") return [from, to];
  let [divisor, rest] = [from, to];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return [from / divisor, to / divisor];
}

function isSame(from: Size, to: Size): boolean {
  return divideExactly(from, to) === 1;
}

/** No integer on the way to a sample exceeds it. */
function reach(from: Size, to: Size): Size {
  const [a, b] = ratio(from, to);
  return multiplySizes(2, addSizes(multiplySizes(a, to), multiplySizes(b, from)));
}

const longest = 2 ** 31 - 1;

function isWide(from: Size, to: Size): boolean {
  const bound = reach(from, to);
  return typeof bound === "number" && bound > longest;
}

/** Named sizes are counted in 32 bits. */
function claimRange(from: Size, to: Size, axis: number, claims: Claims): void {
  const bound = reach(from, to);
  if (typeof bound === "number" || isSame(from, to)) return;
  claims.atMost(bound, longest, `products of coordinates of resampled dimension ${axis}`);
}

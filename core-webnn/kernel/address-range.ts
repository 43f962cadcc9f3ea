/**
 * Bounds of addresses, as sizes: `s < n` can be proved though n is known at dispatch only.
 *
 * They hold at every point where the address is evaluated: there each axis in it has an extent of at
 * least 1. A bound that is not known is left out.
 */
import {
  addSizes,
  floorDivideSizes,
  multiplySizes,
  productOf,
  sizeRange,
  subtractSizes,
  type Size,
} from "../util/size.ts";
import { sizeOf, sumOf, type Sum, type Term } from "./address-sum.ts";
import type { Address, Expr, ValueType } from "./ir.ts";

export interface Bounds {
  readonly lower?: Size | undefined;
  readonly upper?: Size | undefined;
}

/** Smallest and largest value; infinite where that is not known. */
export function addressRange(address: Address): readonly [min: number, max: number] {
  return rangeOfSum(sumOf(address));
}

export function rangeOfSum(sum: Sum): readonly [min: number, max: number] {
  return numericRange(boundsOf(sum));
}

export function boundsOf(sum: Sum): Bounds {
  return sum.map(termBounds).reduce(addBounds, { lower: 0, upper: 0 });
}

/** Whether `a ≤ b` for all values of the names. */
export function provablyAtMost(a: Size | undefined, b: Size | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (typeof a === "number" && typeof b === "number") return a <= b;
  return sizeRange(subtractSizes(b, a))[0] >= 0;
}

/** Whether `0 ≤ x < n`, for an n that is positive because something is divided by it. */
export function fitsBelow(x: Sum, n: Size): boolean {
  const { lower, upper } = boundsOf(x);
  if (!provablyAtMost(0, lower) || upper === undefined) return false;
  return provablyAtMost(upper, subtractSizes(n, 1)) || sizeRange(upper)[1] < leastPositive(n);
}

/** A positive `6*n` is at least 6. */
function leastPositive(n: Size): number {
  if (typeof n === "number") return n;
  const [term] = n.terms;
  const isMonomial = n.terms.length === 1 && term!.factors.every(({ kind }) => kind === "name");
  return isMonomial ? Math.max(1, term!.coefficient) : 1;
}

function numericRange({ lower, upper }: Bounds): readonly [min: number, max: number] {
  const min = lower === undefined ? -Infinity : sizeRange(lower)[0];
  const max = upper === undefined ? Infinity : sizeRange(upper)[1];
  return [min, max];
}

function addBounds(a: Bounds, b: Bounds): Bounds {
  return { lower: both(a.lower, b.lower, addSizes), upper: both(a.upper, b.upper, addSizes) };
}

function termBounds({ coefficient, atoms }: Term): Bounds {
  const itself: Bounds = { lower: coefficient, upper: coefficient };
  if (atoms.length === 0) return itself;
  const { lower, upper } = productBounds(atoms.map(atomBounds));
  const scale = (bound: Size | undefined): Size | undefined =>
    bound === undefined ? undefined : multiplySizes(coefficient, bound);
  const [least, most] = sizeRange(coefficient);
  if (least >= 0) return { lower: scale(lower), upper: scale(upper) };
  if (most <= 0) return { lower: scale(upper), upper: scale(lower) };
  return numericProduct([itself, { lower, upper }]);
}

function productBounds(factors: readonly Bounds[]): Bounds {
  if (factors.length === 1) return factors[0]!;
  if (!factors.every(({ lower }) => provablyAtMost(0, lower))) return numericProduct(factors);
  const uppers = factors.map(({ upper }) => upper);
  const known = uppers.filter((upper) => upper !== undefined);
  return {
    lower: productOf(factors.map(({ lower }) => lower!)),
    upper: known.length === uppers.length ? productOf(known) : undefined,
  };
}

function numericProduct(factors: readonly Bounds[]): Bounds {
  const product = factors.map(numericRange).reduce(([a, b], [c, d]) => {
    const corners = [a * c, a * d, b * c, b * d].map((x) => (Number.isNaN(x) ? 0 : x));
    return [Math.min(...corners), Math.max(...corners)];
  });
  return finiteBounds(product);
}

function atomBounds(atom: Address): Bounds {
  switch (atom.kind) {
    case "axis":
      return { lower: 0, upper: subtractSizes(atom.axis.extent, 1) };
    case "floorDiv":
      return floorDivBounds(atom.a, atom.b);
    case "mod":
      return { lower: 0, upper: both(boundsOf(sumOf(atom.b)).upper, 1, subtractSizes) };
    case "min":
    case "max":
      return extremeBounds(atom.kind, boundsOf(sumOf(atom.a)), boundsOf(sumOf(atom.b)));
    case "value":
      return finiteBounds(valueRange(atom.value));
    default:
      return boundsOf(sumOf(atom));
  }
}

function floorDivBounds(a: Address, b: Address): Bounds {
  const { lower, upper } = boundsOf(sumOf(a));
  const divisor = sizeOf(sumOf(b));
  if (divisor === undefined) return provablyAtMost(0, lower) ? { lower: 0, upper } : {};
  const quotient = (x: Size | undefined): Size | undefined =>
    x === undefined ? undefined : floorDivideSizes(x, divisor);
  const isNatural = typeof lower !== "number" && provablyAtMost(0, lower);
  return { lower: isNatural ? 0 : quotient(lower), upper: quotient(upper) };
}

/** A minimum is at most either operand, so one bound will do above; below it needs both. */
function extremeBounds(kind: "min" | "max", a: Bounds, b: Bounds): Bounds {
  if (kind === "min") {
    const lowest = Math.min(numericRange(a)[0], numericRange(b)[0]);
    const lower = both(a.lower, b.lower, smaller) ?? finite(lowest);
    return { lower, upper: either(a.upper, b.upper, smaller) };
  }
  const highest = Math.max(numericRange(a)[1], numericRange(b)[1]);
  const upper = both(a.upper, b.upper, larger) ?? finite(highest);
  return { lower: either(a.lower, b.lower, larger), upper };
}

function smaller(x: Size, y: Size): Size | undefined {
  return provablyAtMost(x, y) ? x : provablyAtMost(y, x) ? y : undefined;
}

function larger(x: Size, y: Size): Size | undefined {
  return provablyAtMost(x, y) ? y : provablyAtMost(y, x) ? x : undefined;
}

/** Of an expression used as an address: it fits int32. */
function valueRange(expr: Expr): readonly [min: number, max: number] {
  const [min, max] = exprRange(expr);
  return [Math.max(min, -(2 ** 31)), Math.min(max, 2 ** 31 - 1)];
}

function exprRange(expr: Expr): readonly [min: number, max: number] {
  if (expr.kind === "index") return addressRange(expr.address);
  if (expr.kind === "const") return [Number(expr.value), Number(expr.value)];
  const [least, most] = typeRanges[expr.type];
  if (expr.kind !== "cast" || expr.x.type === "f32") return [least, most];
  const [min, max] = exprRange(expr.x);
  return min >= least && max <= most ? [min, max] : [least, most];
}

const typeRanges: Record<ValueType, readonly [min: number, max: number]> = {
  f32: [-Infinity, Infinity],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  i64: [-(2 ** 63), 2 ** 63],
  u64: [0, 2 ** 64],
  bool: [0, 1],
};

type Combine = (a: Size, b: Size) => Size | undefined;

function both(a: Size | undefined, b: Size | undefined, f: Combine): Size | undefined {
  return a === undefined || b === undefined ? undefined : f(a, b);
}

/** The better of two bounds that both hold, or any where that is not known. */
function either(a: Size | undefined, b: Size | undefined, better: Combine): Size | undefined {
  return both(a, b, better) ?? a ?? b;
}

function finiteBounds([min, max]: readonly [number, number]): Bounds {
  return { lower: finite(min), upper: finite(max) };
}

function finite(x: number): number | undefined {
  return Number.isFinite(x) ? x : undefined;
}

/**
 * What a graph gives in float64, and how far a device may be from it.
 *
 * A node may be off by its row's units in the last place. Errors of its operands are carried through it by
 * trying: the reference runs again on operands shifted by their errors, all up, all down, against each
 * other and at random, and the largest change counts. So nothing here knows an op, and tolerances
 * come from the rows alone.
 */
import { rowNamed } from "../../core-webnn/ops/table.ts";
import type { ArgValues } from "../../core-webnn/ops/row.ts";
import { isFloat, type StorageType } from "../../core-webnn/util/data-type.ts";
import { isCall, outputName, resolveArguments, type Leaf, type SmallGraph } from "./graph.ts";
import { evaluate } from "./ops/table.ts";
import { rangeOf, roundTo, type Arguments, type Result, type Tensor } from "./ops/tensor.ts";
import { randomNumbers, type Numeric } from "./values.ts";

export interface Known extends Tensor {
  /** How far each element may be off; Infinity where anything goes. */
  readonly errors: readonly number[];
}

export interface Arithmetic {
  /** Below this magnitude a device may take a number for 0. */
  readonly leastNormal: number;
}

/** WebAssembly keeps subnormal numbers. */
export const exactArithmetic: Arithmetic = { leastNormal: 0 };
/** WGSL allows to flush them (https://www.w3.org/TR/WGSL/#floating-point-evaluation). */
export const flushingArithmetic: Arithmetic = { leastNormal: 2 ** -126 };

/** Samples cover what errors do to an element but for their mixture: this much is left for it. */
const safety = 1.5;

/** Sums and products of whole numbers, whose partial results are whole too. */
const wholeKinds: ReadonlySet<string> = new Set(["contract", "reduce", "scalar"]);
const inexactOnWhole: ReadonlySet<string> = new Set(["div", "reciprocal", "reduceMean"]);

export function evaluateGraph(
  graph: SmallGraph,
  arithmetic: Arithmetic,
): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  for (const [name, statement] of Object.entries(graph)) {
    if (!isCall(statement)) {
      known.set(name, knownLeaf(statement, arithmetic));
      continue;
    }
    const [op, args] = statement;
    const given = resolveArguments(op, args, (value) => known.get(value)!);
    evaluateCall(op, given, arithmetic).forEach((result, i) =>
      known.set(outputName(name, i), result),
    );
  }
  return known;
}

export function knownLeaf({ dataType, shape, values }: Leaf, { leastNormal }: Arithmetic): Known {
  const errors = values.map((x) => {
    const isSubnormal = dataType === "float32" && x !== 0 && Math.abs(Number(x)) < leastNormal;
    return isSubnormal ? leastNormal : 0;
  });
  return { dataType, shape, values, errors };
}

/** The operands among the arguments are of type Known. */
export function evaluateCall(
  op: string,
  args: Arguments,
  { leastNormal }: Arithmetic,
): readonly Known[] {
  const results = evaluate(op, args);
  const row = rowNamed(op);
  const operands = knownIn(args);
  const ulp = row.ulp(row.resolve(args as unknown as ArgValues));
  const isWhole = operands.every(({ values }) => values.every((x) => Number.isInteger(Number(x))));
  const keepsWhole = isWhole && wholeKinds.has(row.lower.kind) && !inexactOnWhole.has(op);
  const own = results.map((result) =>
    result.values.map((x, i) => ownError(result, x, i, ulp, keepsWhole, leastNormal)),
  );
  const carried = operands.some(({ errors }) => errors.some((error) => error > 0))
    ? carriedErrors(op, args, results)
    : undefined;
  const isScalar = row.lower.kind === "scalar";
  return results.map(({ dataType, shape, values, magnitudes }, output) => {
    const errors = values.map((x, i) => {
      const sum = own[output]![i]! + safety * (carried?.[output]?.[i] ?? 0);
      return isOpen(dataType, x, magnitudes?.[i] ?? 0, isScalar) ? Infinity : sum;
    });
    return { dataType, shape, values: values.map((x) => asStored(dataType, x)), errors };
  });
}

function ownError(
  { dataType, magnitudes, slack }: Result,
  x: Numeric,
  i: number,
  ulp: number,
  keepsWhole: boolean,
  leastNormal: number,
): number {
  const loose = slack?.[i] ?? 0;
  if (!isFloat(dataType)) return loose;
  const size = Math.max(Math.abs(Number(x)), magnitudes?.[i] ?? 0);
  if (!Number.isFinite(size)) return loose;
  const isExact = keepsWhole && Number.isInteger(Number(x)) && size <= wholeLimit(dataType);
  if (isExact || ulp === 0) return loose + (Math.abs(Number(x)) < leastNormal ? leastNormal : 0);
  return ulp * unitOf(dataType, size) + loose + leastNormal;
}

/** Integers up to here are exact in the type. */
function wholeLimit(dataType: StorageType): number {
  return dataType === "float16" ? 2 ** 11 : 2 ** 24;
}

/** The gap between neighbouring values at x. */
export function unitOf(dataType: StorageType, x: number): number {
  const [digits, least] = dataType === "float16" ? [10, -24] : [23, -149];
  if (x === 0) return 2 ** least;
  return Math.max(2 ** (Math.floor(Math.log2(Math.abs(x))) - digits), 2 ** least);
}

/**
 * Where a sum or product came near the end of its type's range, a device may have met infinity on the
 * way; an element-wise result that is infinite or NaN is what it is.
 */
function isOpen(dataType: StorageType, x: Numeric, magnitude: number, isScalar: boolean): boolean {
  if (!isFloat(dataType)) return Number.isNaN(x);
  const limit = dataType === "float16" ? 65504 : 2 ** 127;
  const size = Math.abs(Number(x));
  if (isScalar) return size > limit / 4 && size < limit * 4;
  return !(Math.max(size, magnitude) <= limit / 4); // Also where one of them is NaN.
}

function asStored(dataType: StorageType, x: Numeric): Numeric {
  if (!isFloat(dataType)) return x;
  const rounded = roundTo(dataType, Number(x));
  return Number.isFinite(rounded) ? x : rounded;
}

function knownIn(args: Arguments): readonly Known[] {
  return Object.values(args)
    .flat()
    .filter((value): value is Known => typeof value === "object" && "errors" in value);
}

/** How far an element goes, from -1 to 1 of its error. */
type Shift = (operand: number, x: number, error: number) => number;

/** By output and element, the largest change that shifted operands make. */
function carriedErrors(op: string, args: Arguments, results: readonly Result[]): number[][] {
  const random = randomNumbers(results[0]!.values.length);
  const shifts: readonly Shift[] = [
    () => 1,
    () => -1,
    (operand) => (operand % 2 === 0 ? 1 : -1),
    (operand) => (operand % 2 === 0 ? -1 : 1),
    () => Math.sign(random() - 0.5),
    () => Math.sign(random() - 0.5),
    () => 2 * random() - 1,
    // To 0, at which many functions have a pole, or as near as it goes.
    (_, x, error) => Math.max(-1, Math.min(1, -x / error)),
  ];
  const largest = results.map(({ values }) => values.map(() => 0));
  const tryShift = (shift: Shift): void =>
    evaluate(op, shifted(args, shift)).forEach(({ values }, output) =>
      values.forEach((x, i) => {
        const change = difference(x, results[output]!.values[i]!);
        if (!(change <= largest[output]![i]!)) largest[output]![i] = change;
      }),
    );
  shifts.forEach(tryShift);
  // Errors over several periods of a sine: few samples find no extremes.
  const isWild = results.some(({ values }, output) =>
    values.some((x, i) => largest[output]![i]! > Math.abs(Number(x)) / 8),
  );
  for (let i = 0; i < (isWild ? 24 : 0); i++) tryShift(() => 2 * random() - 1);
  return largest;
}

/** Infinite where one of the two is no number. */
function difference(x: Numeric, y: Numeric): number {
  if (x === y || (Number.isNaN(x) && Number.isNaN(y))) return 0;
  const change =
    typeof x === "bigint" && typeof y === "bigint"
      ? Math.abs(Number(x - y))
      : Math.abs(Number(x) - Number(y));
  return Number.isNaN(change) ? Infinity : change;
}

function shifted(args: Arguments, shift: Shift): Arguments {
  let count = 0;
  const shiftOne = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || !("errors" in value)) return value;
    const operand = count++;
    const { dataType, values, errors, ...rest } = value as Known;
    const moved = values.map((x, i) => {
      const by = errors[i]!;
      return by === 0 ? x : movedBy(dataType, x, shift(operand, Number(x), by) * by);
    });
    return { dataType, values: moved, ...rest };
  };
  const entries = Object.entries(args).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(shiftOne) : shiftOne(value),
  ]);
  return Object.fromEntries(entries) as Arguments;
}

function movedBy(dataType: StorageType, x: Numeric, by: number): Numeric {
  if (isFloat(dataType)) return Number(x) + by;
  const [low, high] = rangeOf(dataType);
  const moved = BigInt(x) + BigInt(Math.round(by));
  const kept = moved < low ? low : moved > high ? high : moved;
  return typeof x === "bigint" ? kept : Number(kept);
}

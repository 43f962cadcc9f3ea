/** Compares what two devices wrote. */
import { bufferView, type TypedArrayLike } from "../../../core-webnn/kernel/interpret.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { byteLengthOf, type StorageType } from "../../../core-webnn/util/data-type.ts";
import { fromHalf } from "../../../core-webnn/util/half.ts";

export interface Comparison {
  /** For targets that may flush subnormals: they count as zeros, whatever their sign. */
  readonly flushesSubnormals?: boolean;
}

/**
 * The first element of a written buffer that differs by more than `ulp` units in the last place of its
 * type, in words; undefined if there is none. Any NaN equals any other; integers must be equal; the
 * zeros differ from each other when `ulp` is 0.
 */
export function compareBuffers(
  kernel: Kernel,
  expected: readonly Uint8Array[],
  actual: readonly Uint8Array[],
  ulp: number,
  comparison: Comparison = {},
): string | undefined {
  for (const [b, { dataType, access }] of kernel.buffers.entries()) {
    if (access !== "write") continue;
    const [wanted, got] = [expected[b]!, actual[b]!].map((bytes) => numbersIn(dataType, bytes));
    if (got!.length < wanted!.length) return `buffer ${b} has ${got!.length} elements`;
    const at = wanted!.findIndex(
      (x, i) => distance(dataType, x, got![i]!, comparison) > tolerance(dataType, ulp),
    );
    if (at >= 0) {
      const apart = distance(dataType, wanted![at]!, got![at]!, comparison);
      return `buffer ${b} (${dataType})[${at}] is ${show(got![at]!)}, not ${show(wanted![at]!)}: ${apart} ulp apart`;
    }
  }
  return undefined;
}

/** A difference of a few float32 places can move a float16 by one. */
function tolerance(dataType: StorageType, ulp: number): number {
  if (dataType === "float32") return ulp;
  return dataType === "float16" ? Math.ceil(ulp / 2 ** 13) : 0;
}

function numbersIn(dataType: StorageType, bytes: Uint8Array): (number | bigint)[] {
  const whole = byteLengthOf(dataType, 1);
  const view = bufferView(dataType, bytes.slice(0, bytes.length - (bytes.length % whole)));
  return [...(view as Iterable<number | bigint> & TypedArrayLike)].map((x) =>
    dataType === "float16" ? fromHalf(Number(x)) : x,
  );
}

function distance(
  dataType: StorageType,
  a: number | bigint,
  b: number | bigint,
  { flushesSubnormals = false }: Comparison,
): number {
  if (a === b) return Object.is(a, b) || flushesSubnormals ? 0 : 0.5;
  if (!dataType.startsWith("float")) return Infinity;
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y) ? 0 : Infinity;
  if (flushesSubnormals && isSubnormal(dataType, x) && isSubnormal(dataType, y)) return 0;
  return Math.abs(ordinal(dataType, x) - ordinal(dataType, y));
}

function isSubnormal(dataType: StorageType, x: number): boolean {
  return Math.abs(x) < (dataType === "float16" ? 2 ** -14 : 2 ** -126);
}

/** Position among the values of the type: neighbours differ by 1, infinities follow the largest. */
function ordinal(dataType: StorageType, x: number): number {
  const [fractionBits, least] = dataType === "float16" ? [10, -14] : [23, -126];
  const magnitude = Math.min(Math.abs(x), 2 ** (1 - least + 1));
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), least);
  const steps = (magnitude / 2 ** exponent) * 2 ** fractionBits;
  const position = (exponent - least) * 2 ** fractionBits + steps;
  return x < 0 ? -position : position;
}

function show(x: number | bigint): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

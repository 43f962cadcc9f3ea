/**
 * Casts a number to a data type as the spec does for attributes: floats round to nearest even and
 * overflow to infinity, integers saturate and round half to even, NaN becomes 0
 * (https://www.w3.org/TR/webnn/#cast). 64-bit integers are bigints.
 */
import { bitsPerElement, isFloat, isUnsigned, type StorageType } from "../util/data-type.ts";
import { fromHalf, toHalf } from "../util/half.ts";

export function castNumber(value: number | bigint, dataType: StorageType): number | bigint {
  if (dataType === "float32") return Math.fround(toDouble(value));
  if (isFloat(dataType)) return fromHalf(toHalf(toDouble(value)));
  const bits = bitsPerElement(dataType);
  const [low, high] = integerRange(bits, isUnsigned(dataType));
  const whole = typeof value === "bigint" ? value : wholeNumber(value, low, high);
  const saturated = whole < low ? low : whole > high ? high : whole;
  return bits === 64 ? saturated : Number(saturated);
}

/**
 * A double that rounds to the same float as the number itself. Of a bigint that no double holds, the leading bits, and one
 * that is set where any below is: rounded to a double first, it might look like a tie that it is not.
 */
function toDouble(value: number | bigint): number {
  if (typeof value === "number") return value;
  if (BigInt.asIntN(54, value) === value) return Number(value);
  const shift = value.toString(2).length - 50;
  const leading = value >> BigInt(shift);
  const isExact = leading << BigInt(shift) === value;
  return Number(isExact ? leading : leading | 1n) * 2 ** shift;
}

/** The smallest and the largest integer of this many bits. */
export function integerRange(bits: number, unsigned: boolean): readonly [bigint, bigint] {
  if (unsigned) return [0n, 2n ** BigInt(bits) - 1n];
  const half = 2n ** BigInt(bits - 1);
  return [-half, half - 1n];
}

function wholeNumber(value: number, low: bigint, high: bigint): bigint {
  if (Number.isNaN(value)) return 0n;
  if (!Number.isFinite(value)) return value < 0 ? low : high;
  return BigInt(roundHalfEven(value));
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** IEEE 754 binary16 as bits in a number: what a float16 element is. */

/** Bits of the nearest half, ties to even; too large gives an infinity, NaN the quiet NaN 0x7e00. */
export function toHalf(x: number): number {
  if (Number.isNaN(x)) return 0x7e00;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(x);
  // From halfway between the largest half, 65504, and 2^16 on.
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(exponentOf(magnitude), -14);
  const significand = roundEven(magnitude / 2 ** (exponent - 10));
  // A significand of 2^11 after rounding carries into the exponent, as it should; below 2^10 is subnormal.
  return sign | ((exponent + 14) * 1024 + significand);
}

export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest integer, ties to even; keeps the sign of zero. */
export function roundEven(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude < 2 ** 52)) return x;
  // Doubles between 2^52 and 2^53 are the integers: the addition rounds.
  const rounded = magnitude + 2 ** 52 - 2 ** 52;
  return x < 0 || Object.is(x, -0) ? -rounded : rounded;
}

/** e of 2^e ≤ x < 2^(e+1); -Infinity for 0. */
function exponentOf(x: number): number {
  const estimate = Math.floor(Math.log2(x));
  if (2 ** estimate > x) return estimate - 1;
  return 2 ** (estimate + 1) <= x ? estimate + 1 : estimate;
}

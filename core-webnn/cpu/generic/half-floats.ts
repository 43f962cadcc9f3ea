/**
 * float16 to float32 and back by integer arithmetic, exactly: subnormals, infinities and NaN included,
 * and rounding to nearest, ties to even. The same steps on one scalar and on four lanes.
 */
import type { Arithmetic } from "./arithmetic.ts";
import type { Lanes } from "./lanes.ts";

const signBit = 0x8000;
const infinity = 0x7c00;
const quietNaN = 0x7e00;

/** From the bits of a float16 in the low half of an i32. */
export function fromHalfBits(m: Arithmetic, half: Lanes): Lanes {
  const magnitude = m.and(half, 0x7fff);
  // With the exponent still biased as a float16's, the value is 2^112 times too small.
  const scaled = m.mul(m.float(m.shiftLeft(magnitude, 13)), 2 ** 112);
  const exponent = m.select(m.greaterInts(magnitude, infinity - 1), m.i32(0x7f80_0000), m.i32(0));
  const sign = m.shiftLeft(m.and(half, signBit), 16);
  return m.float(m.or(m.or(m.bits(scaled), exponent), sign));
}

/** To the bits of a float16, in the low half of an i32. */
export function toHalfBits(m: Arithmetic, x: Lanes): Lanes {
  const bits = m.bits(x);
  const magnitude = m.and(bits, 0x7fff_ffff);
  const isNaN = m.greaterInts(magnitude, 0x7f80_0000);
  const isTooLarge = m.greaterInts(magnitude, 0x477f_efff);
  const large = m.select(isNaN, m.i32(quietNaN), m.i32(infinity));
  const isSubnormal = m.greaterInts(0x3880_0000, magnitude);
  const small = m.select(isSubnormal, subnormal(m, m.float(magnitude)), normal(m, magnitude));
  const sign = m.and(m.shiftRightUnsigned(bits, 16), signBit);
  return m.or(m.select(isTooLarge, large, small), sign);
}

/** As if stored as float16 and loaded again. */
export function roundToHalf(m: Arithmetic, x: Lanes): Lanes {
  return fromHalfBits(m, toHalfBits(m, x));
}

/** Adding half of the last kept bit, less one where that bit is even, rounds ties to even. */
function normal(m: Arithmetic, magnitude: Lanes): Lanes {
  const isOdd = m.and(m.shiftRightUnsigned(magnitude, 13), 1);
  const rounded = m.addInts(m.addInts(magnitude, 0xfff), isOdd);
  return m.shiftRightUnsigned(m.subInts(rounded, 112 << 23), 13);
}

/** 0.5 has a last place of 2^-24, which is what the bits of a subnormal float16 count. */
function subnormal(m: Arithmetic, magnitude: Lanes): Lanes {
  return m.subInts(m.bits(m.add(magnitude, 0.5)), 0x3f00_0000);
}

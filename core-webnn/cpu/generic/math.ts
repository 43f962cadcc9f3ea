/**
 * exp, log, tanh and erf of float32, for scalars and vectors alike.
 *
 * Each reduces its argument to a short interval and evaluates a polynomial there. The coefficients are
 * minimax fits (Lawson's method) of the float64 function, rounded to float32. Measured against float64 on
 * a million floats and samples of all exponents, with and without fused multiply-add: log is within
 * 1 ulp, the others within 2 (test/unit/cpu-emit allows tanh and erf 4). Zeros, infinities, NaN and
 * subnormals are as IEEE 754 has them.
 */
import type { Arithmetic } from "./arithmetic.ts";
import type { Lanes } from "./lanes.ts";

/** Adding it to a small float leaves the nearest integer in the last bits. */
const magic = 1.5 * 2 ** 23;

/** ln 2 in two parts; multiples of the first up to 2^14 are exact. */
const ln2 = { high: 0.693359375, low: -2.1219444e-4 };

/** (e^r - 1 - r) / r^2 for |r| <= ln 2, to 2^-26 of e^r. */
const expCoefficients = [
  1.9611344e-4, 1.4104677e-3, 8.3361091e-3, 4.1661259e-2, 1.6666614e-1, 5.0000036e-1,
]; // prettier-ignore

/**
 * e^x = e^r 2^2h. Half of the exponent is applied twice, so neither factor overflows or is subnormal and
 * the result is rounded once.
 */
export function exp(m: Arithmetic, x: Lanes): Lanes {
  // Beyond these the result is 0 or infinite.
  const bounded = m.atMost(m.atLeast(x, -104), 89);
  const shifted = m.multiplyAdd(bounded, Math.LOG2E / 2, magic);
  const h = m.sub(shifted, magic);
  const r = m.multiplySubtract(h, 2 * ln2.low, m.multiplySubtract(h, 2 * ln2.high, bounded));
  const square = m.mul(r, r);
  const power = m.add(m.multiplyAdd(m.polynomial(r, square, expCoefficients), square, r), 1);
  const scale = m.float(m.addInts(m.shiftLeft(m.bits(shifted), 23), 0x3f80_0000));
  return m.mul(m.mul(power, scale), scale);
}

/** 2^f for |f| <= 1/2, to 2^-23. */
const roughExp2Coefficients = [
  1.3276358e-3, 9.6756555e-3, 5.5507146e-2, 2.4022117e-1, 6.9314694e-1, 1.0000001,
]; // prettier-ignore

/** 2^t for -126 < t < 127, with the error of t and 3 ulp; anything for NaN. */
function roughExp2(m: Arithmetic, t: Lanes): Lanes {
  const shifted = m.add(t, magic);
  const f = m.sub(t, m.sub(shifted, magic));
  const power = m.polynomial(f, m.mul(f, f), roughExp2Coefficients);
  return m.float(m.addInts(m.bits(power), m.shiftLeft(m.bits(shifted), 23)));
}

/** (log(1 + f) - f + f^2 / 2) / f^3 for sqrt(1/2) <= 1 + f < sqrt(2). */
const logCoefficients = [
  -7.6344975e-2, 1.2761578e-1, -1.3160183e-1, 1.4201757e-1, -1.6623357e-1, 2.0001227e-1,
  -2.5000820e-1, 3.3333331e-1,
]; // prettier-ignore

/** x = 2^e (1 + f); subnormal x are scaled up first. */
export function log(m: Arithmetic, x: Lanes): Lanes {
  const isSubnormal = m.lessThan(x, 2 ** -126);
  const bits = m.bits(m.select(isSubnormal, m.mul(x, 2 ** 23), x));
  const sqrtHalf = 0x3f35_04f3;
  const exponent = m.shiftRight(m.subInts(bits, sqrtHalf), 23);
  const f = m.sub(m.float(m.subInts(bits, m.shiftLeft(exponent, 23))), 1);
  const e = m.toFloat(m.addInts(exponent, m.select(isSubnormal, m.i32(-23), m.i32(0))));
  const square = m.mul(f, f);
  const cubic = m.mul(m.mul(m.polynomial(f, square, logCoefficients), square), f);
  const tail = m.multiplySubtract(square, 0.5, m.multiplyAdd(e, ln2.low, cubic));
  const result = m.multiplyAdd(e, ln2.high, m.add(f, tail));
  return logOfSpecial(m, x, result);
}

/** -∞ of zeros, NaN of what is negative; ∞ and NaN are their own logarithm. */
function logOfSpecial(m: Arithmetic, x: Lanes, result: Lanes): Lanes {
  const ofOthers = m.select(m.lessThan(x, 0), m.f32(NaN), x);
  const special = m.select(m.equal(x, 0), m.f32(-Infinity), ofOthers);
  return m.select(m.lessThan(0, x), m.select(m.lessThan(x, Infinity), result, special), special);
}

/** (tanh(x) - x) / x^3 as a polynomial of x^2, for |x| <= 0.55. */
const tanhCoefficients = [1.6437581e-2, -5.2671825e-2, 1.3320725e-1, -3.3332947e-1];

/** From 10 on the result rounds to 1. */
export function tanh(m: Arithmetic, x: Lanes): Lanes {
  const a = m.abs(x);
  const square = m.mul(a, a);
  const ratio = m.polynomial(square, m.mul(square, square), tanhCoefficients);
  const small = m.multiplyAdd(m.mul(ratio, square), a, a);
  const power = roughExp2(m, m.mul(m.atMost(a, 10), 2 * Math.LOG2E));
  const large = m.sub(1, m.div(2, m.add(power, 1)));
  // NaN takes the side of polynomials: `roughExp2` does not keep it.
  return m.withSign(m.select(m.lessThan(0.55, a), large, small), x);
}

/** erf(x) / x - 1 as a polynomial of x^2, for |x| <= 0.92. */
const erfCoefficients = [
  -5.9994258e-4, 4.9948348e-3, -2.6767723e-2, 1.1281846e-1, -3.7612498e-1, 1.2837915e-1,
]; // prettier-ignore

/** log2(1 - erf(x)) for 0.92 <= x <= 3.95, from where on erf rounds to 1. */
const erfcLog2Coefficients = [
  -1.7891214e-3, 2.2345260e-2, -1.3104002e-1, -9.3944710e-1, -1.6156495, -2.8361813e-3,
]; // prettier-ignore

export function erf(m: Arithmetic, x: Lanes): Lanes {
  const square = m.mul(x, x);
  const small = m.multiplyAdd(m.polynomial(square, m.mul(square, square), erfCoefficients), x, x);
  const a = m.abs(x);
  const t = m.atMost(a, 3.95);
  const large = m.sub(1, roughExp2(m, m.polynomial(t, m.mul(t, t), erfcLog2Coefficients)));
  return m.select(m.lessThan(0.92, a), m.withSign(large, x), small);
}

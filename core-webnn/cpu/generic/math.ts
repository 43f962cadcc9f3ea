/**
 * exp, log, tanh and erf of float32, for scalars and vectors alike.
 *
 * Each reduces its argument to a short interval and evaluates a polynomial there. The coefficients are
 * minimax fits (Lawson's method) of the float64 function, rounded to float32. Measured over all of
 * float32 against float64 (test/unit/cpu-emit): exp and log stay below 2 ulp, tanh and erf below 4, with
 * and without fused multiply-add; zeros, infinities, NaN and subnormals as IEEE 754 has them.
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
  const r = reduceByLn2(m, bounded, h, 2);
  const power = expOfReduced(m, r, expCoefficients);
  const scale = m.float(m.addInts(m.shiftLeft(m.bits(shifted), 23), 0x3f80_0000));
  return m.mul(m.mul(power, scale), scale);
}

/** (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, to 2^-23 of e^r. */
const roughExpCoefficients = [8.3124777e-3, 4.189055e-2, 1.6667116e-1, 4.9999228e-1];

/** e^x for -87 < x < 88, to 3 ulp. */
function roughExp(m: Arithmetic, x: Lanes): Lanes {
  const shifted = m.multiplyAdd(x, Math.LOG2E, magic);
  const r = reduceByLn2(m, x, m.sub(shifted, magic), 1);
  const power = expOfReduced(m, r, roughExpCoefficients);
  return m.float(m.addInts(m.bits(power), m.shiftLeft(m.bits(shifted), 23)));
}

/** x - n * times * ln 2. */
function reduceByLn2(m: Arithmetic, x: Lanes, n: Lanes, times: number): Lanes {
  return m.multiplySubtract(n, ln2.low * times, m.multiplySubtract(n, ln2.high * times, x));
}

/** 1 + r + r^2 q(r). */
function expOfReduced(m: Arithmetic, r: Lanes, coefficients: readonly number[]): Lanes {
  const q = m.polynomial(r, coefficients);
  return m.add(m.multiplyAdd(q, m.mul(r, r), r), 1);
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
  const cubic = m.mul(m.mul(m.polynomial(f, logCoefficients), square), f);
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

/** (tanh(x) - x) / x^3 as a polynomial of x^2, for |x| <= 0.625. */
const tanhCoefficients = [
  -5.7049873e-3, 2.0639088e-2, -5.3739715e-2, 1.3331442e-1, -3.3333281e-1,
]; // prettier-ignore

export function tanh(m: Arithmetic, x: Lanes): Lanes {
  const a = m.abs(x);
  const square = m.mul(a, a);
  const small = m.multiplyAdd(m.mul(m.polynomial(square, tanhCoefficients), square), a, a);
  const bounded = m.atMost(a, 10);
  const power = roughExp(m, m.add(bounded, bounded));
  const large = m.sub(1, m.div(2, m.add(power, 1)));
  return m.copySign(m.select(m.lessThan(a, 0.625), small, large), x);
}

/** erf(x) / x - 1 as a polynomial of x^2, for |x| <= 0.92. */
const erfCoefficients = [
  -5.9994258e-4, 4.9948348e-3, -2.6767723e-2, 1.1281846e-1, -3.7612498e-1, 1.2837915e-1,
]; // prettier-ignore

/** log(1 - erf(x)) for 0.92 <= x <= 3.95. */
const erfcLogCoefficients = [
  1.9593722e-4, -3.0432174e-3, 2.2226920e-2, -1.0393160e-1, -6.3718224e-1, -1.1276757,
  -1.9567573e-4,
]; // prettier-ignore

export function erf(m: Arithmetic, x: Lanes): Lanes {
  const a = m.abs(x);
  const small = m.multiplyAdd(m.polynomial(m.mul(a, a), erfCoefficients), a, a);
  // From 3.95 on the result rounds to 1.
  const large = m.sub(1, roughExp(m, m.polynomial(m.atMost(a, 3.95), erfcLogCoefficients)));
  return m.copySign(m.select(m.lessThan(a, 0.92), small, large), x);
}

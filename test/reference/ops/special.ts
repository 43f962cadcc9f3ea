/** The error function in float64: its series near 0, the continued fraction of erfc further out. */

const perRoot = 2 / Math.sqrt(Math.PI);

export function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  return Math.abs(x) < 2 ? series(x) : Math.sign(x) * (1 - fraction(Math.abs(x)));
}

/** 1 - erf(x), without cancelling where x is large. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) < 2) return 1 - series(x);
  return x < 0 ? 2 - fraction(-x) : fraction(x);
}

/** 2/√π Σ (-1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)) */
function series(x: number): number {
  let [sum, power] = [0, x];
  for (let n = 0; n < 60; n++) {
    sum += power / (2 * n + 1);
    power *= (-x * x) / (n + 1);
  }
  return perRoot * sum;
}

/** erfc(x) = e^(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) */
function fraction(x: number): number {
  if (x > 30) return 0;
  let tail = x;
  for (let n = 120; n >= 1; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}

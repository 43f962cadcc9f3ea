/**
 * The error function to about 1e-15: https://dlmf.nist.gov/7.6.E2 near 0 (all terms have one sign, so
 * nothing cancels), the continued fraction https://dlmf.nist.gov/7.9.E1 of the complement elsewhere.
 */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x) || magnitude < 1e-300) return (2 / Math.sqrt(Math.PI)) * x;
  const value = magnitude < 3 ? series(magnitude) : 1 - complement(magnitude);
  return Math.sign(x) * value;
}

function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function complement(x: number): number {
  if (x > 27) return 0;
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

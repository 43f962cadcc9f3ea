/** Parts of sizes that division rules look for: single terms, and factors two sizes share. */
import { divideExactly, multiplySizes, type Size } from "../util/size.ts";

/** Sizes of one term each; their sum is the size. */
export function monomialsOf(size: Size): readonly Size[] {
  if (typeof size === "number") return [size];
  return size.terms.map((term) =>
    term.factors.length === 0 ? term.coefficient : { terms: [term] },
  );
}

/** The largest monomial that divides every term of both: 2*n for 4*n and 6*n + 2*m*n. */
export function commonMonomial(a: Size, b: Size): Size {
  const monomials = [...monomialsOf(a), ...monomialsOf(b)];
  let common: Size = monomials.map(coefficientOf).reduce(greatestCommonDivisor, 0);
  for (const factor of factorsOf(monomials[0]!)) {
    const next = multiplySizes(common, factor);
    if (monomials.every((monomial) => divideExactly(monomial, next) !== undefined)) common = next;
  }
  return common;
}

function coefficientOf(monomial: Size): number {
  return typeof monomial === "number" ? monomial : monomial.terms[0]!.coefficient;
}

function factorsOf(monomial: Size): readonly Size[] {
  if (typeof monomial === "number") return [];
  return monomial.terms[0]!.factors.map((f) => ({ terms: [{ coefficient: 1, factors: [f] }] }));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestCommonDivisor(b, a % b);
}

/**
 * Addresses as canonical sums: Σ size · atom · atom …, the form in which equal addresses are equal.
 *
 * An atom is what is no sum, product or size: an axis, a floor-division, a remainder, a minimum, a
 * maximum or a value. Terms are sorted (large strides first, the constant last) and equal terms
 * merged. Coefficients are sizes, so `x*n + x` is one product with one parameter, `n + 1`.
 */
import { addSizes, multiplySizes, type Size } from "../util/size.ts";
import type { Address } from "./ir.ts";
import { printAddress } from "./print.ts";

export interface Term {
  readonly coefficient: Size;
  /** Sorted by text; empty for the constant term. */
  readonly atoms: readonly Address[];
  /** Text of the atoms. */
  readonly key: string;
}

export type Sum = readonly Term[];

export function constant(value: number): Address {
  return { kind: "const", value };
}

export function sizeAddress(size: Size): Address {
  return typeof size === "number" ? constant(size) : { kind: "size", size };
}

/** Terms of an address whose parts are canonical. */
export function sumOf(address: Address): Sum {
  switch (address.kind) {
    case "const":
      return sumOfSize(address.value);
    case "size":
      return sumOfSize(address.size);
    case "add":
      return merge([...summandsOf(address.a), ...summandsOf(address.b)]);
    case "mul":
      return multiplySums(sumOf(address.a), sumOf(address.b));
    default:
      return [{ coefficient: 1, atoms: [address], key: printAddress(address) }];
  }
}

function summandsOf(address: Address): readonly Term[] {
  if (address.kind !== "add") return sumOf(address);
  return [...summandsOf(address.a), ...summandsOf(address.b)];
}

export function sumOfSize(size: Size): Sum {
  return size === 0 ? [] : [{ coefficient: size, atoms: [], key: "" }];
}

export function addressOf(sum: Sum): Address {
  if (sum.length === 0) return constant(0);
  return sum.map(addressOfTerm).reduce((a, b) => ({ kind: "add", a, b }));
}

/** The size that a sum without atoms is. */
export function sizeOf(sum: Sum): Size | undefined {
  if (sum.length === 0) return 0;
  const [first] = sum;
  return sum.length === 1 && first!.atoms.length === 0 ? first!.coefficient : undefined;
}

export function addSums(a: Sum, b: Sum): Sum {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return merge([...a, ...b]);
}

export function multiplySums(a: Sum, b: Sum): Sum {
  return merge(a.flatMap((x) => b.map((y) => multiplyTerms(x, y))));
}

export function scaleSum(sum: Sum, by: Size): Sum {
  return by === 1 ? sum : multiplySums(sum, sumOfSize(by));
}

export function termOf(coefficient: Size, atoms: readonly Address[]): Term {
  const sorted = atoms.map((atom) => ({ atom, key: printAddress(atom) }));
  sorted.sort((x, y) => compareKeys(x.key, y.key));
  const key = sorted.map((x) => x.key).join("*");
  return { coefficient, atoms: sorted.map((x) => x.atom), key };
}

function multiplyTerms(x: Term, y: Term): Term {
  const coefficient = multiplySizes(x.coefficient, y.coefficient);
  if (y.atoms.length === 0) return { ...x, coefficient };
  if (x.atoms.length === 0) return { ...y, coefficient };
  return termOf(coefficient, [...x.atoms, ...y.atoms]);
}

function merge(terms: readonly Term[]): Sum {
  if (isMerged(terms)) return terms;
  const merged = new Map<string, Term>();
  for (const term of terms) {
    const same = merged.get(term.key);
    const coefficient = addSizes(term.coefficient, same?.coefficient ?? 0);
    merged.set(term.key, same === undefined ? term : { ...term, coefficient });
  }
  return [...merged.values()].filter((term) => term.coefficient !== 0).sort(compareTerms);
}

/** Canonical addresses are read back often, and need no work. */
function isMerged(terms: readonly Term[]): boolean {
  return terms.every((term, i) => {
    if (i === 0) return true;
    if (compareTerms(terms[i - 1]!, term) > 0) return false;
    return terms.findIndex(({ key }) => key === term.key) === i;
  });
}

function compareTerms(x: Term, y: Term): number {
  if (x.key === "" || y.key === "") return Number(x.key === "") - Number(y.key === "");
  const [a, b] = [magnitudeOf(x.coefficient), magnitudeOf(y.coefficient)];
  return b.degree - a.degree || b.factor - a.factor || compareKeys(x.key, y.key);
}

/** Of the largest term: a size with more names in a product is taken to be larger. */
function magnitudeOf(size: Size): { readonly degree: number; readonly factor: number } {
  if (typeof size === "number") return { degree: 0, factor: Math.abs(size) };
  const degree = Math.max(...size.terms.map(({ factors }) => factors.length));
  const leading = size.terms.filter(({ factors }) => factors.length === degree);
  return { degree, factor: Math.max(...leading.map(({ coefficient }) => Math.abs(coefficient))) };
}

function addressOfTerm({ coefficient, atoms }: Term): Address {
  if (atoms.length === 0) return sizeAddress(coefficient);
  const product = atoms.reduce((a, b) => ({ kind: "mul", a, b }));
  return coefficient === 1 ? product : { kind: "mul", a: product, b: sizeAddress(coefficient) };
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

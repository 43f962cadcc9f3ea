/**
 * Sizes: what a dimension, an element count or a stride is.
 *
 * A size is a number where the build knows it, else a polynomial with integer coefficients over
 * named sizes and floor-divisions. Polynomials are canonical (terms and factors sorted, equal terms
 * merged), so two sizes are equal for all values of their names exactly when their keys are equal.
 * They are plain data: they survive structured cloning and JSON.
 */

/** A dimension that is known only when a graph is dispatched, as a person writes it. */
export interface NamedSize {
  readonly name: string;
  /** The largest value that will be dispatched; lets a planner bound memory. */
  readonly maxSize?: number;
}

export type Size = number | SymbolicSize;

export interface SymbolicSize {
  readonly terms: readonly Term[];
}

interface Term {
  readonly coefficient: number;
  /** Sorted by key; a power is a repeated factor. Empty for the constant term. */
  readonly factors: readonly Factor[];
}

type Factor =
  | { readonly kind: "name"; readonly name: string; readonly maxSize?: number }
  | { readonly kind: "floorDiv"; readonly dividend: Size; readonly divisor: Size };

/** Values of the named sizes. */
export type Sizes = Readonly<Record<string, number>>;

export function named({ name, maxSize }: NamedSize): Size {
  const factor: Factor =
    maxSize === undefined ? { kind: "name", name } : { kind: "name", name, maxSize };
  return { terms: [{ coefficient: 1, factors: [factor] }] };
}

export function addSizes(...sizes: readonly Size[]): Size {
  let sum = 0;
  for (const size of sizes) {
    if (typeof size !== "number") return canonical(sizes.flatMap(termsOf));
    sum += size;
  }
  return sum;
}

export function subtractSizes(a: Size, b: Size): Size {
  return addSizes(a, multiplySizes(-1, b));
}

export function multiplySizes(...sizes: readonly Size[]): Size {
  return sizes.reduce<Size>((a, b) => {
    if (typeof a === "number") return scaleSize(b, a);
    if (typeof b === "number") return scaleSize(a, b);
    return canonical(
      termsOf(a).flatMap((x) =>
        termsOf(b).map((y) => ({
          coefficient: x.coefficient * y.coefficient,
          factors: [...x.factors, ...y.factors],
        })),
      ),
    );
  }, 1);
}

function scaleSize(size: Size, by: number): Size {
  if (typeof size === "number") return size * by;
  if (by === 0) return 0;
  return { terms: size.terms.map((term) => ({ ...term, coefficient: term.coefficient * by })) };
}

/** `floor(a / b)` for a positive divisor; exact quotients stay polynomials. */
export function floorDivideSizes(a: Size, b: Size): Size {
  if (typeof a === "number" && typeof b === "number") return Math.floor(a / b);
  const exact = divideExactly(a, b);
  if (exact !== undefined) return exact;
  const [whole, rest] = splitWhole(a, b);
  if (typeof rest === "number" && typeof b === "number")
    return addSizes(whole, Math.floor(rest / b));
  const quotient: Factor = { kind: "floorDiv", dividend: rest, divisor: b };
  return addSizes(whole, { terms: [{ coefficient: 1, factors: [quotient] }] });
}

/** `a / b` where the division has no remainder for any value of the names, else undefined. */
export function divideExactly(a: Size, b: Size): Size | undefined {
  if (b === 1) return a;
  if (typeof a === "number" && typeof b === "number") return a % b === 0 ? a / b : undefined;
  if (sizesEqual(a, b)) return 1;
  const divisor = termsOf(b);
  if (divisor.length === 0) return undefined;
  // Long division: each step removes the leading term of the rest, so that the rest shrinks.
  const lead = leadingTerm(divisor);
  let quotient: Size = 0;
  let rest = a;
  while (rest !== 0) {
    const term = divideTerm(leadingTerm(termsOf(rest)), lead);
    if (term === undefined) return undefined;
    const part = canonical([term]);
    quotient = addSizes(quotient, part);
    rest = subtractSizes(rest, multiplySizes(part, b));
  }
  return quotient;
}

export function productOf(sizes: readonly Size[]): Size {
  return multiplySizes(...sizes);
}

export function sizesEqual(a: Size, b: Size): boolean {
  return a === b || sizeKey(a) === sizeKey(b);
}

/** A string equal for equal sizes; also how a size is printed. */
export function sizeKey(size: Size): string {
  if (typeof size === "number") return String(size);
  return size.terms.map(termKey).join(" + ").replaceAll("+ -", "- ");
}

export function formatShape(shape: readonly Size[]): string {
  return `[${shape.map(sizeKey).join(", ")}]`;
}

/** The value of a size. A name without a value throws: a dispatch binds every name first. */
export function evaluateSize(size: Size, sizes: Sizes): number {
  if (typeof size === "number") return size;
  return size.terms.reduce(
    (sum, term) =>
      sum +
      term.factors.reduce((product, f) => product * evaluateFactor(f, sizes), term.coefficient),
    0,
  );
}

/** The names a size depends on. */
export function namesIn(size: Size): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (s: Size): void => {
    for (const { factors } of typeof s === "number" ? [] : s.terms) {
      for (const f of factors) {
        if (f.kind === "name") names.add(f.name);
        else [f.dividend, f.divisor].forEach(visit);
      }
    }
  };
  visit(size);
  return names;
}

/** Smallest and largest value for names between 0 and their `maxSize` (unbounded without one). */
export function sizeRange(size: Size): readonly [min: number, max: number] {
  if (typeof size === "number") return [size, size];
  let min = 0;
  let max = 0;
  for (const { coefficient, factors } of size.terms) {
    const [low, high] = factors.map(factorRange).reduce((a, b) => intervalProduct(a, b), [1, 1]);
    min += coefficient > 0 ? coefficient * low : coefficient * high;
    max += coefficient > 0 ? coefficient * high : coefficient * low;
  }
  return [min, max];
}

function termsOf(size: Size): readonly Term[] {
  if (typeof size === "number") return size === 0 ? [] : [{ coefficient: size, factors: [] }];
  return size.terms;
}

function canonical(terms: readonly Term[]): Size {
  if (terms.length < 2) return sizeOfTerm(terms[0]);
  const merged = new Map<string, Term>();
  for (const term of terms) {
    const factors = sortFactors(term.factors);
    const key = factors.map(factorKey).join("*");
    const coefficient = term.coefficient + (merged.get(key)?.coefficient ?? 0);
    merged.set(key, { coefficient, factors });
  }
  const kept = [...merged.entries()]
    .filter(([, term]) => term.coefficient !== 0)
    // The constant term last, so that a size reads "past + 1".
    .sort(([a], [b]) => Number(a === "") - Number(b === "") || compare(a, b))
    .map(([, term]) => term);
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0]!.factors.length === 0) return kept[0]!.coefficient;
  return { terms: kept };
}

function sizeOfTerm(term: Term | undefined): Size {
  if (term === undefined || term.coefficient === 0) return 0;
  const { coefficient, factors } = term;
  if (factors.length === 0) return coefficient;
  return { terms: [{ coefficient, factors: sortFactors(factors) }] };
}

function sortFactors(factors: readonly Factor[]): readonly Factor[] {
  if (factors.length < 2) return factors;
  return [...factors].sort((a, b) => compare(factorKey(a), factorKey(b)));
}

/** `a = b * whole + rest`, taking out the terms that b divides. */
function splitWhole(a: Size, b: Size): readonly [whole: Size, rest: Size] {
  const divisor = termsOf(b);
  if (divisor.length !== 1) return [0, a];
  const whole: Term[] = [];
  const rest: Term[] = [];
  for (const term of termsOf(a)) {
    const quotient = divideTerm(term, divisor[0]!);
    if (quotient === undefined) rest.push(term);
    else whole.push(quotient);
  }
  return [canonical(whole), canonical(rest)];
}

/** The first in an order that products keep: by degree, then alphabetically. */
function leadingTerm(terms: readonly Term[]): Term {
  return terms.reduce((a, b) => (compareTerms(a, b) <= 0 ? a : b));
}

function compareTerms(a: Term, b: Term): number {
  if (a.factors.length !== b.factors.length) return b.factors.length - a.factors.length;
  const at = a.factors.findIndex((f, i) => factorKey(f) !== factorKey(b.factors[i]!));
  return at < 0 ? 0 : compare(factorKey(a.factors[at]!), factorKey(b.factors[at]!));
}

function divideTerm(term: Term, by: Term): Term | undefined {
  if (term.coefficient % by.coefficient !== 0) return undefined;
  const factors = [...term.factors];
  for (const factor of by.factors) {
    const at = factors.findIndex((f) => factorKey(f) === factorKey(factor));
    if (at < 0) return undefined;
    factors.splice(at, 1);
  }
  return { coefficient: term.coefficient / by.coefficient, factors };
}

function termKey({ coefficient, factors }: Term): string {
  const product = factors.map(factorKey).join("*");
  if (product === "") return String(coefficient);
  if (coefficient === 1) return product;
  return coefficient === -1 ? `-${product}` : `${coefficient}*${product}`;
}

function factorKey(factor: Factor): string {
  if (factor.kind === "name") return factor.name;
  return `floor((${sizeKey(factor.dividend)})/(${sizeKey(factor.divisor)}))`;
}

function evaluateFactor(factor: Factor, sizes: Sizes): number {
  if (factor.kind === "floorDiv") {
    return Math.floor(evaluateSize(factor.dividend, sizes) / evaluateSize(factor.divisor, sizes));
  }
  const value = sizes[factor.name];
  if (value === undefined) throw new RangeError(`no value for the size '${factor.name}'`);
  return value;
}

function factorRange(factor: Factor): [number, number] {
  if (factor.kind === "name") return [0, factor.maxSize ?? Infinity];
  const [low, high] = sizeRange(factor.dividend);
  const [least, most] = sizeRange(factor.divisor);
  const quotients = [low / least, low / most, high / least, high / most].filter(
    (q) => !Number.isNaN(q),
  );
  return [Math.floor(Math.min(...quotients)), Math.floor(Math.max(...quotients))];
}

function intervalProduct(
  [a, b]: readonly [number, number],
  [c, d]: readonly [number, number],
): [number, number] {
  const products = [a * c, a * d, b * c, b * d].map((p) => (Number.isNaN(p) ? 0 : p));
  return [Math.min(...products), Math.max(...products)];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

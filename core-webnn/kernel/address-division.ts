/**
 * Division of an address by a positive size, with remainder: x = n · quotient + remainder and
 * 0 ≤ remainder < n. The rules are what makes chains of reshapes, splits and merges of dimensions
 * collapse into the loop variables they started from.
 *
 * Each rule says its own algebra and answers for quotient and remainder at once. They are tried in
 * order; each leads to a division of something smaller, so the recursion ends.
 */
import {
  addSizes,
  divideExactly,
  multiplySizes,
  sizeKey,
  sizeRange,
  type Size,
} from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { fitsBelow, rangeOfSum } from "./address-range.ts";
import {
  addressOf,
  addSums,
  scaleSum,
  sizeAddress,
  sizeOf,
  sumOf,
  sumOfSize,
  type Sum,
  type Term,
} from "./address-sum.ts";
import type { Address } from "./ir.ts";
import { commonMonomial, monomialsOf } from "./size-factors.ts";

export interface Division {
  readonly quotient: Sum;
  readonly remainder: Sum;
}

export function divide(x: Sum, n: Size): Division {
  if (typeof n === "number" && n <= 0) unreachable(`division of an address by ${sizeKey(n)}`);
  for (const { apply } of rules) {
    const division = apply(x, n);
    if (division !== undefined) return division;
  }
  return undivided(x, n);
}

interface Rule {
  readonly says: string;
  readonly apply: (x: Sum, n: Size) => Division | undefined;
}

const rules: readonly Rule[] = [
  {
    says: "x / n = 0, remainder x, when 0 <= x < n",
    apply(x, n) {
      return fitsBelow(x, n) ? { quotient: [], remainder: x } : undefined;
    },
  },
  {
    says: "(n*q + r) / n = q + r/n, remainder r mod n",
    apply(x, n) {
      const { multiple, rest } = splitSum(x, n);
      if (multiple.length === 0) return undefined;
      const { quotient, remainder } = divide(rest, n);
      return { quotient: addSums(multiple, quotient), remainder };
    },
  },
  {
    says: "x / n = c, remainder x - c*n, when c = floor(min x / n) = floor(max x / n)",
    apply(x, n) {
      const [min, max] = rangeOfSum(x);
      if (typeof n !== "number" || !Number.isFinite(min) || !Number.isFinite(max)) return undefined;
      const c = Math.floor(min / n);
      if (c !== Math.floor(max / n)) return undefined;
      return { quotient: sumOfSize(c), remainder: addSums(x, sumOfSize(-c * n)) };
    },
  },
  {
    says: "(g*p + r) / (g*m) = p/m, remainder g*(p mod m) + r, when 0 <= r < g",
    apply(x, n) {
      for (const g of commonFactors(x, n)) {
        const { multiple: p, rest: r } = splitSum(x, g);
        const m = divideExactly(n, g);
        if (p.length === 0 || m === undefined || !isRemainder(r, g)) continue;
        const { quotient, remainder } = divide(p, m);
        return { quotient, remainder: addSums(scaleSum(remainder, g), r) };
      }
      return undefined;
    },
  },
  {
    says: "floor(x/a) / n = x / (a*n)",
    apply(x, n) {
      const dividend = onlyAtom(x, "floorDiv");
      const a = dividend && sizeOf(sumOf(dividend.b));
      if (a === undefined) return undefined;
      const { quotient } = divide(sumOf(dividend!.a), multiplySizes(a, n));
      return { quotient, remainder: undivided(x, n).remainder };
    },
  },
  {
    says: "(x mod (m*n)) / n = (x/n) mod m, remainder x mod n",
    apply(x, n) {
      const dividend = onlyAtom(x, "mod");
      const modulus = dividend && sizeOf(sumOf(dividend.b));
      const m = modulus && divideExactly(modulus, n);
      if (m === undefined) return undefined;
      const { quotient, remainder } = divide(sumOf(dividend!.a), n);
      return { quotient: divide(quotient, m).remainder, remainder };
    },
  },
];

function undivided(x: Sum, n: Size): Division {
  const [a, b] = [addressOf(x), sizeAddress(n)];
  return { quotient: sumOf({ kind: "floorDiv", a, b }), remainder: sumOf({ kind: "mod", a, b }) };
}

/** x = n · multiple + rest, term by term. */
function splitSum(x: Sum, n: Size): { readonly multiple: Sum; readonly rest: Sum } {
  const multiple: Term[] = [];
  const rest: Term[] = [];
  for (const term of x) {
    const [whole, left] = splitCoefficient(term, n);
    if (whole !== 0) multiple.push({ ...term, coefficient: whole });
    if (left !== 0) rest.push({ ...term, coefficient: left });
  }
  return { multiple, rest };
}

function splitCoefficient({ coefficient, atoms }: Term, n: Size): readonly [Size, Size] {
  const exact = divideExactly(coefficient, n);
  if (exact !== undefined) return [exact, 0];
  const parts = monomialsOf(coefficient).map((part) => splitMonomial(part, n, atoms.length === 0));
  return [addSizes(...parts.map(([whole]) => whole)), addSizes(...parts.map(([, left]) => left))];
}

/** The constant leaves a remainder in [0, n); elsewhere 3x mod 2 is no simpler as x mod 2 and x. */
function splitMonomial(part: Size, n: Size, isConstant: boolean): readonly [Size, Size] {
  const exact = divideExactly(part, n);
  if (exact !== undefined) return [exact, 0];
  if (!isConstant || typeof part !== "number" || typeof n !== "number") return [0, part];
  const whole = Math.floor(part / n);
  return [whole, part - whole * n];
}

/** Factors other than 1 that n shares with a term of x. */
function commonFactors(x: Sum, n: Size): readonly Size[] {
  const factors = x
    .filter(({ atoms }) => atoms.length > 0)
    .flatMap(({ coefficient }) => [coefficient, commonMonomial(coefficient, n)]);
  return factors.filter((factor) => factor !== 1 && sizeRange(factor)[0] >= 0);
}

/** Whether 0 ≤ r < g, for a g that is positive because it divides a positive size. */
function isRemainder(r: Sum, g: Size): boolean {
  return r.length === 0 || fitsBelow(r, g);
}

function onlyAtom<K extends Address["kind"]>(
  x: Sum,
  kind: K,
): Extract<Address, { readonly kind: K }> | undefined {
  const [term] = x;
  if (x.length !== 1 || term!.coefficient !== 1 || term!.atoms.length !== 1) return undefined;
  const [atom] = term!.atoms;
  return atom!.kind === kind ? (atom as Extract<Address, { readonly kind: K }>) : undefined;
}

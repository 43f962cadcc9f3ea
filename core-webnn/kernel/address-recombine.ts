/**
 * Undoes divisions that a sum puts together again, so that an offset that was split into an index and
 * made an offset again is the offset.
 */
import { multiplySizes, sizesEqual } from "../util/size.ts";
import { divide } from "./address-division.ts";
import { addSums, multiplySums, scaleSum, sizeOf, sumOf, termOf, type Sum } from "./address-sum.ts";
import type { Address } from "./ir.ts";

export function recombine(sum: Sum): Sum {
  for (const term of sum) {
    for (const atom of term.atoms) {
      if (atom.kind !== "mod") continue;
      const others = term.atoms.filter((x) => x !== atom);
      const rest = sum.filter((x) => x !== term);
      const scale = [termOf(term.coefficient, others)];
      const joined = joinQuotient(rest, atom, scale) ?? joinRemainder(rest, atom, scale);
      if (joined !== undefined) return recombine(joined);
    }
  }
  return sum;
}

type Mod = Extract<Address, { readonly kind: "mod" }>;

/** (x mod n)*s + n*(x/n)*s = x*s. */
function joinQuotient(rest: Sum, { a, b }: Mod, scale: Sum): Sum | undefined {
  const n = sizeOf(sumOf(b));
  if (n === undefined) return undefined;
  const x = sumOf(a);
  const quotients = multiplySums(scaleSum(divide(x, n).quotient, n), scale);
  const remaining = without(rest, quotients);
  return remaining && addSums(remaining, multiplySums(x, scale));
}

/** (x mod n)*s + n*(y mod m)*s = ((x + n*z) mod (n*m))*s, where y = x/n + z. */
function joinRemainder(rest: Sum, { a, b }: Mod, scale: Sum): Sum | undefined {
  const n = sizeOf(sumOf(b));
  if (n === undefined) return undefined;
  const x = sumOf(a);
  const quotient = divide(x, n).quotient;
  for (const atom of rest.flatMap(({ atoms }) => atoms)) {
    const m = atom.kind === "mod" ? sizeOf(sumOf(atom.b)) : undefined;
    const z = atom.kind === "mod" ? without(sumOf(atom.a), quotient) : undefined;
    const remaining = without(rest, multiplySums(scaleSum(sumOf(atom), n), scale));
    if (m === undefined || z === undefined || remaining === undefined) continue;
    const whole = addSums(x, scaleSum(z, n));
    const { remainder } = divide(whole, multiplySizes(n, m));
    return addSums(remaining, multiplySums(remainder, scale));
  }
  return undefined;
}

/** `sum - part` where every term of part is a term of sum, else undefined. */
function without(sum: Sum, part: Sum): Sum | undefined {
  const isTaken = (key: string): boolean => part.some((term) => term.key === key);
  const isThere = part.every((wanted) =>
    sum.some(
      ({ key, coefficient }) => key === wanted.key && sizesEqual(coefficient, wanted.coefficient),
    ),
  );
  return isThere ? sum.filter(({ key }) => !isTaken(key)) : undefined;
}

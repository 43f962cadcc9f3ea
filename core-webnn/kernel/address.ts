/**
 * Addresses: everything about the integers of the kernel IR that other layers use. Constructors give
 * canonical addresses (`address-algebra.ts`); here is what is built on them.
 */
import { sizesEqual, type Size } from "../util/size.ts";
import { addAddress, floorDivAddress, modAddress, mulAddress } from "./address-algebra.ts";
import { addressOf, constant, sizeAddress, sumOf, termOf, type Term } from "./address-sum.ts";
import type { Address, Axis } from "./ir.ts";
import { axesOf } from "./visit.ts";

export {
  addAddress,
  axisAddress,
  floorDivAddress,
  maxAddress,
  minAddress,
  modAddress,
  mulAddress,
  subtractAddress,
  valueAddress,
} from "./address-algebra.ts";
export { addressRange } from "./address-range.ts";
export { constant, sizeAddress } from "./address-sum.ts";
export { substituteAddress } from "./visit.ts";

export interface Affine {
  readonly base: Address;
  /** One per axis asked for. */
  readonly strides: Address[];
}

/** a = base + Σ strides[i] · axes[i], where base and strides are free of those axes; else undefined. */
export function affine(a: Address, axes: readonly Axis[]): Affine | undefined {
  const names = axes.map(({ name }) => name);
  const base: Term[] = [];
  const strides: Term[][] = axes.map(() => []);
  for (const term of sumOf(a)) {
    const mentioning = term.atoms.filter((atom) => mentions(atom, names));
    const [atom] = mentioning;
    if (atom === undefined) {
      base.push(term);
    } else if (mentioning.length === 1 && atom.kind === "axis") {
      const others = term.atoms.filter((other) => other !== atom);
      strides[names.indexOf(atom.axis.name)]!.push(termOf(term.coefficient, others));
    } else {
      return undefined;
    }
  }
  return { base: addressOf(base), strides: strides.map(addressOf) };
}

/** Row-major offset of an index. */
export function linearAddress(index: readonly Address[], shape: readonly Size[]): Address {
  return index.reduce<Address>(
    (offset, i, d) => addAddress(mulAddress(offset, sizeAddress(shape[d]!)), i),
    constant(0),
  );
}

/** The index of a row-major offset that lies inside the shape. */
export function delinearize(offset: Address, shape: readonly Size[]): Address[] {
  const index: Address[] = [];
  let rest = offset;
  for (const size of shape.slice(1).reverse()) {
    index.unshift(modAddress(rest, sizeAddress(size)));
    rest = floorDivAddress(rest, sizeAddress(size));
  }
  return shape.length === 0 ? [] : [rest, ...index];
}

/**
 * The index in one shape of the element that stands at `index` in another of the same elements.
 * Dimensions that both begin or end with keep their addresses: only what lies between is divided.
 */
export function reshapeIndex(
  index: readonly Address[],
  from: readonly Size[],
  to: readonly Size[],
): readonly Address[] {
  const shorter = Math.min(from.length, to.length);
  let first = 0;
  while (first < shorter && sizesEqual(from[first]!, to[first]!)) first++;
  let last = 0;
  while (last < shorter - first && sizesEqual(from.at(-1 - last)!, to.at(-1 - last)!)) last++;
  const middle = <T>(list: readonly T[]): readonly T[] => list.slice(first, list.length - last);
  const offset = linearAddress(middle(index), middle(from));
  return [
    ...index.slice(0, first),
    ...delinearize(offset, middle(to)),
    ...index.slice(index.length - last),
  ];
}

function mentions(address: Address, names: readonly string[]): boolean {
  if (address.kind === "axis") return names.includes(address.axis.name);
  const axes = axesOf(address);
  return names.some((name) => axes.has(name));
}

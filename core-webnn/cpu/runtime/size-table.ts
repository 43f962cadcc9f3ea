/**
 * Evaluates all sizes of a program at once, quickly.
 *
 * A decoder's sizes change at every token, and its steps mention the same few sizes hundreds of times.
 * So each distinct size gets a slot, and `evaluate` fills the slots in one pass over flat rows: a sum of
 * products of earlier slots, or the floor of a quotient of two.
 */
import { sizeKey, type Size, type Sizes, type SymbolicSize } from "../../util/size.ts";

type Row =
  | { readonly kind: "sum"; readonly products: readonly Product[] }
  | { readonly kind: "quotient"; readonly dividend: number; readonly divisor: number };

interface Product {
  readonly coefficient: number;
  readonly slots: readonly number[];
}

type Factor = SymbolicSize["terms"][number]["factors"][number];

export class SizeTable {
  readonly #names: readonly string[];
  readonly #slots = new Map<string, number>();
  /** Slots of names come first and have no row. */
  readonly #rows: Row[] = [];
  #values = new Float64Array(0);

  constructor(names: readonly string[]) {
    this.#names = names;
    names.forEach((name, slot) => this.#slots.set(name, slot));
  }

  get slotCount(): number {
    return this.#names.length + this.#rows.length;
  }

  slotOf(size: Size): number {
    const key = sizeKey(size);
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const terms = typeof size === "number" ? [{ coefficient: size, factors: [] }] : size.terms;
    const products = terms.map(({ coefficient, factors }) => ({
      coefficient,
      slots: factors.map((factor) => this.#factorSlot(factor)),
    }));
    return this.#add(key, { kind: "sum", products });
  }

  /** Values by slot; they hold until the next call. Every name must have a value. */
  evaluate(sizes: Sizes): Float64Array {
    if (this.#values.length !== this.slotCount) this.#values = new Float64Array(this.slotCount);
    const values = this.#values;
    this.#names.forEach((name, slot) => (values[slot] = sizes[name]!));
    let slot = this.#names.length;
    for (const row of this.#rows) values[slot++] = valueOf(row, values);
    return values;
  }

  #factorSlot(factor: Factor): number {
    if (factor.kind === "name") {
      const slot = this.#slots.get(factor.name);
      if (slot !== undefined) return slot;
      throw new RangeError(
        `the size '${factor.name}' is not among the program's: ${this.#names.join(", ") || "none"}`,
      );
    }
    const dividend = this.slotOf(factor.dividend);
    const divisor = this.slotOf(factor.divisor);
    const key = `slot ${dividend} / slot ${divisor}`;
    return this.#slots.get(key) ?? this.#add(key, { kind: "quotient", dividend, divisor });
  }

  #add(key: string, row: Row): number {
    const slot = this.slotCount;
    this.#rows.push(row);
    this.#slots.set(key, slot);
    return slot;
  }
}

function valueOf(row: Row, values: Float64Array): number {
  if (row.kind === "quotient") return Math.floor(values[row.dividend]! / values[row.divisor]!);
  let sum = 0;
  for (const { coefficient, slots } of row.products) {
    let product = coefficient;
    for (const slot of slots) product *= values[slot]!;
    sum += product;
  }
  return sum;
}

/**
 * The sizes that the code of one kernel reads from its parameters, in the order in which it first asks for them.
 *
 * Emitters ask for more than the kernel's text mentions: splitting loops makes other polynomials of its sizes.
 */
import { sizeKey, type SymbolicSize } from "../util/size.ts";

export class SizeList {
  readonly #indices = new Map<string, number>();
  readonly #sizes: SymbolicSize[] = [];

  /** Where its value stands; a size that is new goes to the end. */
  indexOf(size: SymbolicSize): number {
    const key = sizeKey(size);
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    this.#indices.set(key, this.#sizes.length);
    return this.#sizes.push(size) - 1;
  }

  all(): readonly SymbolicSize[] {
    return [...this.#sizes];
  }
}

/**
 * Hands out ranges of one growing address space.
 *
 * Best fit, lowest address first; neighbours merge when they are released, so a space whose ranges
 * are all released is one free range again. Free ranges are kept sorted by address: a device has
 * thousands of allocations at most and few holes.
 */
import { unreachable } from "../../util/unreachable.ts";

interface Range {
  begin: number;
  end: number;
}

export class FreeList {
  readonly #free: Range[] = [];
  /** Length by address of what is handed out. */
  readonly #used = new Map<number, number>();
  #end: number;

  /** The space starts empty, at `begin`; `extend` makes room. */
  constructor(begin: number) {
    this.#end = begin;
  }

  get end(): number {
    return this.#end;
  }

  /** Free bytes at the very end, which an extension would lengthen. */
  get freeAtEnd(): number {
    const last = this.#free.at(-1);
    return last?.end === this.#end ? last.end - last.begin : 0;
  }

  extend(end: number): void {
    const begin = this.#end;
    this.#end = end;
    this.#insert({ begin, end });
  }

  allocate(length: number): number | undefined {
    let best: Range | undefined;
    for (const range of this.#free) {
      const room = range.end - range.begin;
      if (room >= length && (best === undefined || room < best.end - best.begin)) best = range;
    }
    if (best === undefined) return undefined;
    const address = best.begin;
    best.begin += length;
    if (best.begin === best.end) this.#free.splice(this.#free.indexOf(best), 1);
    this.#used.set(address, length);
    return address;
  }

  release(address: number): void {
    const length = this.#used.get(address);
    if (length === undefined) return unreachable(`nothing is allocated at ${address}`);
    this.#used.delete(address);
    this.#insert({ begin: address, end: address + length });
  }

  #insert(range: Range): void {
    const at = this.#firstAfter(range.begin);
    const [before, after] = [this.#free[at - 1], this.#free[at]];
    const touchesBefore = before?.end === range.begin;
    const touchesAfter = after?.begin === range.end;
    if (touchesBefore && touchesAfter) {
      before.end = after.end;
      this.#free.splice(at, 1);
    } else if (touchesBefore) before.end = range.end;
    else if (touchesAfter) after.begin = range.begin;
    else this.#free.splice(at, 0, range);
  }

  /** Position of the first free range that begins after `address`. */
  #firstAfter(address: number): number {
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#free[middle]!.begin <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

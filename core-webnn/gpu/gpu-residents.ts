/**
 * Constants and packed weights on the GPU: buffers under a key that several programs may use. They live
 * while the caller wants them or a loaded program holds them.
 */
import { unreachable } from "../util/unreachable.ts";
import type { Allocation } from "./gpu-memory.ts";

interface Resident {
  readonly allocation: Allocation;
  isWanted: boolean;
  readonly holders: Set<number>;
}

export class GpuResidents {
  readonly #residents = new Map<string, Resident>();

  get byteLength(): number {
    return [...this.#residents.values()].reduce((sum, r) => sum + r.allocation.byteLength, 0);
  }

  get(key: string): Allocation | undefined {
    return this.#residents.get(key)?.allocation;
  }

  /** Takes the buffer; it is destroyed with the last holder. */
  add(key: string, allocation: Allocation): void {
    if (this.#residents.has(key)) unreachable(`'${key}' is resident already`);
    this.#residents.set(key, { allocation, isWanted: false, holders: new Set() });
  }

  want(key: string): void {
    this.#find(key).isWanted = true;
  }

  /** The caller needs it no more. */
  forget(key: string): void {
    this.#find(key).isWanted = false;
    this.#destroyUnused(key);
  }

  hold(key: string, program: number): void {
    this.#find(key).holders.add(program);
  }

  /** Ends everything that the program holds but `except`. */
  letGo(program: number, except?: ReadonlySet<string>): void {
    for (const [key, { holders }] of this.#residents) {
      if (except?.has(key) !== true && holders.delete(program)) this.#destroyUnused(key);
    }
  }

  destroy(): void {
    for (const { allocation } of this.#residents.values()) allocation.buffer.destroy();
    this.#residents.clear();
  }

  #destroyUnused(key: string): void {
    const { allocation, isWanted, holders } = this.#find(key);
    if (isWanted || holders.size > 0) return;
    this.#residents.delete(key);
    allocation.buffer.destroy();
  }

  #find(key: string): Resident {
    return this.#residents.get(key) ?? unreachable(`'${key}' is not resident`);
  }
}

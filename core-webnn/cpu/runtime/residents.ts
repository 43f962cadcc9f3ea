/**
 * Constants and packed weights: bytes under a key that several programs may use.
 *
 * They live while the caller wants them or a loaded program holds them.
 */
import { unreachable } from "../../util/unreachable.ts";
import type { Block, DeviceMemory } from "./memory.ts";

interface Resident {
  readonly block: Block;
  isWanted: boolean;
  readonly holders: Set<number>;
}

export class Residents {
  readonly #memory: DeviceMemory;
  readonly #residents = new Map<string, Resident>();
  #byteLength = 0;

  constructor(memory: DeviceMemory) {
    this.#memory = memory;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  blockOf(key: string): Block | undefined {
    return this.#residents.get(key)?.block;
  }

  /** Takes the block; it is released with the last holder. */
  add(key: string, block: Block): void {
    if (this.#residents.has(key)) unreachable(`'${key}' is resident already`);
    this.#residents.set(key, { block, isWanted: false, holders: new Set() });
    this.#byteLength += block.byteLength;
  }

  want(key: string): void {
    this.#find(key).isWanted = true;
  }

  /** The caller needs it no more. */
  forget(key: string): void {
    this.#find(key).isWanted = false;
    this.#releaseUnused(key);
  }

  hold(key: string, program: number): void {
    this.#find(key).holders.add(program);
  }

  /** Ends everything that the program holds but `except`. */
  letGo(program: number, except?: ReadonlySet<string>): void {
    for (const [key, { holders }] of this.#residents) {
      if (except?.has(key) !== true && holders.delete(program)) this.#releaseUnused(key);
    }
  }

  #releaseUnused(key: string): void {
    const { block, isWanted, holders } = this.#find(key);
    if (isWanted || holders.size > 0) return;
    this.#residents.delete(key);
    this.#memory.release(block);
    this.#byteLength -= block.byteLength;
  }

  #find(key: string): Resident {
    return this.#residents.get(key) ?? unreachable(`'${key}' is not resident`);
  }
}

/**
 * The one arena that all programs of a device use in turn: its bytes mean nothing between dispatches.
 *
 * It grows to what the largest dispatch needs, and then it moves.
 */
import type { Block, DeviceMemory } from "./memory.ts";

export class SharedArena {
  readonly #memory: DeviceMemory;
  #block: Block | undefined;

  constructor(memory: DeviceMemory) {
    this.#memory = memory;
  }

  get byteLength(): number {
    return this.#block?.byteLength ?? 0;
  }

  /** Its address, once it has this many bytes. */
  ensure(byteLength: number): number {
    if (byteLength > this.byteLength) {
      this.release();
      this.#block = this.#memory.allocate(byteLength, "the arena of intermediate values");
    }
    return this.#block?.address ?? 0;
  }

  release(): void {
    if (this.#block !== undefined) this.#memory.release(this.#block);
    this.#block = undefined;
  }
}

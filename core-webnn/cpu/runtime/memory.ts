/**
 * The one WebAssembly memory of a device, sub-allocated.
 *
 * A memory never shrinks, so what is released is used again and the whole is dropped with the device.
 * Every allocation is aligned to a cache line, and at least 16 bytes past its end may be read: vector
 * loads need not mind tails. Addresses are uint32. The first bytes are kept for the threads' control
 * words; no allocation has address 0.
 */
import { FreeList } from "./free-list.ts";

export interface Block {
  readonly address: number;
  readonly byteLength: number;
}

export interface MemoryOptions {
  readonly shared: boolean;
  /** Bytes at address 0 that are never handed out. */
  readonly reservedByteLength: number;
  /** Default: as much as the engine allows, 4 GiB at most. */
  readonly maxByteLength?: number;
}

const pageByteLength = 65_536;
/** One page short of 4 GiB, so that lengths and end addresses fit 32 bits too. */
export const mostPages = 65_535;
const alignment = 64;
const readablePastEnd = 16;
/** Memory grows by at least this much, or by an eighth of what it has: growing costs a system call. */
const growthPages = 64;

export class DeviceMemory {
  readonly memory: WebAssembly.Memory;
  readonly maxByteLength: number;
  readonly #list: FreeList;
  readonly #isShared: boolean;
  #usedByteLength = 0;
  #bytes: Uint8Array;
  #words: Uint32Array;

  constructor({ shared, reservedByteLength, maxByteLength = Infinity }: MemoryOptions) {
    const initialPages = Math.ceil(reservedByteLength / pageByteLength);
    const limitPages = Math.min(mostPages, Math.floor(maxByteLength / pageByteLength));
    if (limitPages < initialPages) {
      throw new RangeError(
        `a memory of at most ${maxByteLength} bytes is too small: ${initialPages * pageByteLength} are needed`,
      );
    }
    const { memory, maximum } = createMemory(initialPages, limitPages, shared);
    this.memory = memory;
    this.#isShared = shared;
    this.maxByteLength = maximum * pageByteLength;
    this.#list = new FreeList(roundUp(reservedByteLength, alignment));
    this.#list.extend(initialPages * pageByteLength);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
  }

  /** Views of the whole memory. They are made anew when it grows: do not keep them. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get words(): Uint32Array {
    return this.#words;
  }

  /** Not zeroed. `what` is for the error: "tensor", "constant 'w'". */
  allocate(byteLength: number, what: string): Block {
    const length = roundUp(byteLength + readablePastEnd, alignment);
    const address = this.#list.allocate(length) ?? this.#allocateGrown(length);
    if (address === undefined) {
      throw new RangeError(
        `out of memory: ${what} needs ${byteLength} bytes; ` +
          `${this.#usedByteLength} of at most ${this.maxByteLength} are in use`,
      );
    }
    this.#usedByteLength += byteLength;
    return { address, byteLength };
  }

  release({ address, byteLength }: Block): void {
    this.#list.release(address);
    this.#usedByteLength -= byteLength;
  }

  fill({ address, byteLength }: Block, value: number): void {
    this.#bytes.fill(value, address, address + byteLength);
  }

  write({ address }: Block, bytes: Uint8Array): void {
    this.#bytes.set(bytes, address);
  }

  /** Whether the block's bytes are these. */
  holds({ address, byteLength }: Block, bytes: Uint8Array): boolean {
    if (byteLength !== bytes.byteLength) return false;
    for (let i = 0; i < byteLength; i++) if (this.#bytes[address + i] !== bytes[i]) return false;
    return true;
  }

  /** A copy, never shared. */
  read({ address, byteLength }: Block): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(byteLength);
    copy.set(this.#bytes.subarray(address, address + byteLength));
    return copy;
  }

  /**
   * Says that nobody will use it any more. V8 does not count shared memories when it decides whether to collect: 60
   * devices of 64 MiB, one after another in a worker, stayed as 4.1 GB (Node 20). So it is told by a plain buffer of the
   * same length, which it does count and which nobody keeps; then it was 0.4 GB. The buffer's pages are never touched.
   */
  abandon(): void {
    if (!this.#isShared) return;
    try {
      void new ArrayBuffer(this.#bytes.byteLength);
    } catch (error) {
      // No room for it: then the engine has just collected.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  #allocateGrown(length: number): number | undefined {
    const missing = Math.ceil((length - this.#list.freeAtEnd) / pageByteLength);
    const step = Math.max(growthPages, Math.ceil(this.#list.end / pageByteLength / 8));
    const grown = this.#grow(Math.max(missing, step)) || this.#grow(missing);
    return grown ? this.#list.allocate(length) : undefined;
  }

  #grow(pages: number): boolean {
    if (this.#list.end + pages * pageByteLength > this.maxByteLength) return false;
    try {
      this.memory.grow(pages);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#list.extend(this.#list.end + pages * pageByteLength);
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#words = new Uint32Array(this.memory.buffer);
    return true;
  }
}

/** Engines reserve the maximum as addresses, and small ones refuse much: then half of it will do. */
function createMemory(
  initial: number,
  limit: number,
  shared: boolean,
): { memory: WebAssembly.Memory; maximum: number } {
  for (let maximum = limit; ; maximum = Math.max(initial, maximum >>> 1)) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared }), maximum };
    } catch (error) {
      if (!(error instanceof RangeError) || maximum === initial) throw error;
    }
  }
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/** The arena of all programs of a device: dispatches run one after another, so one buffer serves the largest. */
import { allocateArena, type Allocation } from "./gpu-memory.ts";

export class SharedArena {
  readonly #device: GPUDevice;
  #allocation: Allocation | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get byteLength(): number {
    return this.#allocation?.byteLength ?? 0;
  }

  /** At least so long. What was submitted with a shorter one keeps it until it has run. */
  ensure(byteLength: number): Allocation {
    const known = this.#allocation;
    if (known !== undefined && known.byteLength >= byteLength) return known;
    this.release();
    const allocation = allocateArena(this.#device, byteLength);
    this.#allocation = allocation;
    void allocation.failure.then((error) => {
      if (error !== undefined && this.#allocation === allocation) this.#allocation = undefined;
    });
    return allocation;
  }

  release(): void {
    this.#allocation?.buffer.destroy();
    this.#allocation = undefined;
  }
}

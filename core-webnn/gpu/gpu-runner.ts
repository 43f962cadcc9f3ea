/** Runs programs: one encoder, one compute pass and one submission for each dispatch. */
import type { Sizes } from "../util/size.ts";
import { arenaAlignment, type Residence } from "./bind-groups.ts";
import type { GpuProgram } from "./gpu-program.ts";
import { SharedArena } from "./shared-arena.ts";
import { bufferUsage } from "./webgpu-flags.ts";

export interface Submitted {
  readonly kernels: number;
  /** Why what it writes is wrong, if so. */
  readonly failure: Promise<Error | undefined>;
}

export class GpuRunner {
  readonly arena: SharedArena;
  readonly #device: GPUDevice;
  readonly #empty: GPUBuffer;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.arena = new SharedArena(device);
    const size = device.limits.maxStorageBuffersPerShaderStage * arenaAlignment;
    this.#empty = device.createBuffer({ label: "empty", size, usage: bufferUsage.storage });
  }

  /** Throws what is known at once: a limit exceeded, or what `bufferOf` throws. */
  run(program: GpuProgram, sizes: Sizes, bufferOf: Residence["bufferOf"]): Submitted {
    const arena = this.arena.ensure(program.arenaByteLength(sizes));
    const residence = { arena: arena.buffer, empty: this.#empty, bufferOf };
    this.#pushScopes();
    try {
      const encoder = this.#device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      const kernels = program.encode(pass, sizes, residence);
      pass.end();
      this.#device.queue.submit([encoder.finish()]);
      return { kernels, failure: firstOf(arena.failure, this.#popScopes()) };
    } catch (error) {
      void this.#popScopes();
      throw error;
    }
  }

  destroy(): void {
    this.arena.release();
    this.#empty.destroy();
  }

  #pushScopes(): void {
    for (const filter of ["validation", "internal", "out-of-memory"] as const) {
      this.#device.pushErrorScope(filter);
    }
  }

  /** Resolves also when the device is lost: then nothing was wrong with the commands themselves. */
  async #popScopes(): Promise<Error | undefined> {
    const pop = (): Promise<GPUError | null> => this.#device.popErrorScope().catch(() => null);
    const [noMemory, internal, invalid] = await Promise.all([pop(), pop(), pop()]);
    if (noMemory) return new RangeError(`no GPU memory for a dispatch: ${noMemory.message}`);
    const refused = internal ?? invalid;
    return refused ? new Error(`the GPU refused a dispatch: ${refused.message}`) : undefined;
  }
}

/** The first failure in the order given. */
export async function firstOf(
  ...failures: readonly Promise<Error | undefined>[]
): Promise<Error | undefined> {
  return (await Promise.all(failures)).find((failure) => failure !== undefined);
}

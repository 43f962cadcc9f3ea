/**
 * What a device offers the API. Commands take effect in the order of the calls; ids are chosen by the
 * caller, so a proxy can pass commands on without waiting.
 *
 * A command that returns nothing never throws for what happens later: the error of a dispatch rejects the
 * next `readTensor` of a tensor that it was to write, and resolves `lost` if the device is gone. Commands that
 * are under way then, and later ones, reject with an InvalidStateError (`deviceLost`).
 */
import type { DeviceFacts } from "../util/device-facts.ts";
import type { Sizes } from "../util/size.ts";
import type { Program } from "./program.ts";

export interface Device {
  readonly facts: DeviceFacts;
  /** Resolves when the device is gone, by `destroy` or by accident. */
  readonly lost: Promise<{ readonly message: string }>;

  /** Zero-filled. Rejects with a RangeError that names the bytes asked for when there is no memory. */
  createTensor(id: number, byteLength: number): Promise<void>;
  destroyTensor(id: number): void;
  /** Copies `bytes` before it returns. */
  writeTensor(id: number, bytes: Uint8Array): void;
  /** A copy of the tensor after all earlier commands. */
  readTensor(id: number): Promise<Uint8Array<ArrayBuffer>>;

  /** Copies `bytes` before it returns. Rejects like `createTensor`. Constants that programs use live until the last such program is unloaded. */
  addConstant(key: string, bytes: Uint8Array): Promise<void>;
  /** The caller needs the constant no more; loaded programs may. */
  removeConstant(key: string): void;

  /** Compiles all kernels and runs `prepare`; nothing is compiled later. */
  load(id: number, program: Program): Promise<void>;
  unload(id: number): void;
  dispatch(id: number, binding: Binding): void;

  /** Where tensors can be lent to WebGPU. */
  readonly lending?: Lending;

  statistics(): Promise<DeviceStatistics>;
  /** Ends what runs, frees all memory and stops all threads. */
  destroy(): Promise<void>;
}

export interface Lending {
  /** Whether it is to this device that tensors are lent. */
  readonly isFor: (gpuDevice: GPUDevice) => boolean;
  /**
   * A buffer with the tensor's bytes after all earlier commands. No command may name the tensor until the buffer's
   * `destroy` was called, which takes its bytes back. Throws an InvalidStateError while earlier commands wait.
   */
  readonly lend: (id: number, onReturn: () => void) => GPUBuffer;
}

export interface Binding {
  /** Tensor id by name of input or output. */
  readonly tensors: Readonly<Record<string, number>>;
  readonly sizes: Sizes;
}

export interface DeviceStatistics {
  /** "wasm simd", "wasm relaxed-simd", or the GPU adapter's description. */
  readonly description: string;
  readonly threads: number;
  readonly dispatches: number;
  readonly kernelsRun: number;
  /** Bytes in use by region. */
  readonly bytes: {
    readonly constants: number;
    readonly prepared: number;
    readonly arena: number;
    readonly tensors: number;
  };
  /** Bytes taken for all of them. A WebAssembly memory keeps what was released, to use it again. */
  readonly reservedByteLength: number;
}

/**
 * The values of a program's sizes, as its shaders' uniform blocks: one GPUBuffer, in which every distinct
 * tuple of sizes has a slot. Written when the values change; a dispatch that was submitted before keeps
 * the old ones, for WebGPU orders writes and submissions.
 */
import {
  makeStructuredView,
  type StructDefinition,
  type StructuredView,
} from "webgpu-utils/dist/1.x/webgpu-utils.module.js";
import { evaluateSize, sizeKey, type Size, type Sizes, type SymbolicSize } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { bufferUsage } from "./webgpu-flags.ts";

interface Slot {
  readonly offset: number;
  readonly sizes: readonly SymbolicSize[];
  readonly view: StructuredView;
}

export class UniformBlock {
  readonly buffer: GPUBuffer;
  /** What a bind group binds, at the dynamic offset of a slot. */
  readonly binding: GPUBufferBinding;
  readonly #queue: GPUQueue;
  readonly #bytes: ArrayBuffer;
  readonly #slots = new Map<string, Slot>();
  /** The sizes whose values the buffer holds. */
  #written: string | undefined;

  /** One tuple of sizes for each shader; equal ones share a slot. */
  constructor(device: GPUDevice, tuples: readonly (readonly SymbolicSize[])[]) {
    const distinct = new Map(tuples.map((sizes) => [keyOf(sizes), sizes]));
    const alignment = device.limits.minUniformBufferOffsetAlignment;
    const structs = [...distinct.values()].map(structOf);
    const size = Math.max(16, ...structs.map((struct) => roundUp(struct.size, 16)));
    const stride = roundUp(size, alignment);
    this.#bytes = new ArrayBuffer(Math.max(1, structs.length) * stride);
    [...distinct].forEach(([key, sizes], i) => {
      const view = makeStructuredView(structs[i]!, this.#bytes, i * stride);
      this.#slots.set(key, { offset: i * stride, sizes, view });
    });
    const usage = bufferUsage.uniform | bufferUsage.copyDestination;
    this.buffer = device.createBuffer({ label: "sizes", size: this.#bytes.byteLength, usage });
    this.binding = { buffer: this.buffer, size };
    this.#queue = device.queue;
  }

  offsetOf(sizes: readonly SymbolicSize[]): number {
    const slot = this.#slots.get(keyOf(sizes)) ?? unreachable("a slot for the sizes of a shader");
    return slot.offset;
  }

  /** Sees to it that dispatches submitted from now on read these sizes. `key` is equal for equal sizes. */
  write(key: string, values: Sizes): void {
    if (this.#written === key) return;
    this.#written = key;
    for (const { sizes, view } of this.#slots.values()) {
      view.set(Object.fromEntries(sizes.map((size, i) => [`s${i}`, evaluateSize(size, values)])));
    }
    this.#queue.writeBuffer(this.buffer, 0, this.#bytes);
  }

  destroy(): void {
    this.buffer.destroy();
  }
}

/** The layout of what `declareSizes` declares. */
function structOf(sizes: readonly SymbolicSize[]): StructDefinition {
  const type = { type: "i32", size: 4, numElements: 1 };
  const fields = sizes.map((_, i) => [`s${i}`, { offset: 4 * i, type }]);
  return { fields: Object.fromEntries(fields), size: 4 * sizes.length };
}

function keyOf(sizes: readonly Size[]): string {
  return sizes.map(sizeKey).join("; ");
}

function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}

/**
 * A program: what a device is given. Plain data, so that it can be sent to workers, printed and diffed.
 *
 * `prepare` runs once, when the program is loaded, and reads constants only: it packs weights. `steps`
 * run in order at each dispatch. A step's kernel refers to its buffers by position in `buffers`.
 * Two steps with equal kernels (by text) may share one compiled function: nothing but the buffers and the values of the named sizes differ.
 */
import type { Kernel } from "../kernel/ir.ts";
import type { StorageType } from "../util/data-type.ts";
import type { Size } from "../util/size.ts";

export interface Program {
  readonly buffers: readonly BufferSpec[];
  readonly prepare: readonly Step[];
  readonly steps: readonly Step[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Names that each dispatch gives a value. */
  readonly sizeNames: readonly string[];
}

export interface BufferSpec {
  readonly dataType: StorageType;
  readonly elementCount: Size;
  readonly place: Place;
}

export type Place =
  /** Bytes given to the device by `addConstant`. */
  | { readonly kind: "constant"; readonly key: string }
  /** Written by `prepare`. Equal keys hold equal bytes, in all programs of a device: written once. */
  | { readonly kind: "prepared"; readonly key: string }
  /** Lives from the step that first writes it to the last that reads it (place by `planArena`). */
  | { readonly kind: "arena" }
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "output"; readonly name: string };

export interface Step {
  readonly kernel: Kernel;
  /** Indices into `Program.buffers`, one per buffer of the kernel. Written buffers are no other operand of the step. */
  readonly buffers: readonly number[];
  /** Labels of the graph nodes it computes, for errors and profiles. */
  readonly nodes: readonly string[];
}

export interface Port {
  readonly name: string;
  readonly buffer: number;
  readonly dataType: StorageType;
  readonly shape: readonly Size[];
}

/**
 * What the runtime needs to know about one emitted kernel.
 *
 * The function is `(block: i32, begin: i32, end: i32) -> ()`. `block` is the address of the step's
 * parameter block, i32 words: the byte addresses of the kernel's buffers in order, then the values of
 * `sizes` in order. [begin, end) is a range of units of work; units are independent, may
 * run in any order and at the same time, and [0, units) is the whole kernel. Nothing outside the
 * buffers is written; up to 16 bytes past a buffer's end may be read.
 */
import type { Size, SymbolicSize } from "../util/size.ts";

export interface EmittedKernel {
  /** Index in the module's function space. */
  readonly functionIndex: number;
  readonly sizes: readonly SymbolicSize[];
  /** How many units the whole kernel has; 0 where it has nothing to do. */
  readonly units: Size;
  /** Operations per unit, roughly: chunks are made large enough to be worth claiming. */
  readonly unitCost: Size;
  /**
   * Bytes of scratch that each thread needs, 64-byte aligned. Such a function has a fourth parameter,
   * `scratch: i32`, its address.
   */
  readonly scratchByteLength?: number;
}

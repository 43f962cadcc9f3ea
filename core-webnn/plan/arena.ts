/** Where each intermediate buffer of a program lies: computed per set of sizes, kept by devices in a small cache. */
import type { Sizes } from "../util/size.ts";
import type { Program } from "./program.ts";

export interface Arena {
  readonly byteLength: number;
  /** Byte offset by buffer index; -1 for buffers that are not in the arena. */
  readonly offsets: readonly number[];
}

export type PlanArena = (program: Program, sizes: Sizes, alignment: number) => Arena;

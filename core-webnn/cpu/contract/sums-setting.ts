/** What the ways of making a block's sums have in common. */
import type { Assembler } from "../assembler.ts";
import type { Amount } from "./amount.ts";
import type { Contraction, Operand } from "./contraction.ts";
import type { KLoops } from "./k-loops.ts";
import type { BoundAxes, KernelContext } from "./scope.ts";
import type { Block } from "./strips.ts";

/** Emits the sums of a block; `outer` binds the outer axes. */
export type EmitSums = (block: Block, outer: BoundAxes) => void;

/** What all ways know. Strides that are not known when emitting are locals, set at the function's start. */
export interface SumsSetting {
  readonly asm: Assembler;
  readonly context: KernelContext;
  readonly contraction: Contraction;
  readonly k: KLoops;
  /** The rows and columns that blocks may have. */
  readonly rowCounts: readonly number[];
  readonly columnCounts: readonly number[];
  /** Bytes of so many rows (or panels) of an operand. */
  readonly bytesOf: (operand: Operand, rows: number) => Amount;
}

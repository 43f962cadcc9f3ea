/** How the sums of a block are made: chooses among the ways and prepares what they need. */
import type { Assembler } from "../assembler.ts";
import type { Amount } from "./amount.ts";
import { blockColumns, blockRows } from "./blocks.ts";
import type { Contraction, Operand } from "./contraction.ts";
import { dotSums } from "./dot-sums.ts";
import { byteLengthOf } from "./elements.ts";
import type { KLoops } from "./k-loops.ts";
import { panelSums } from "./panel-sums.ts";
import { amountOf } from "./scope.ts";
import type { BoundAxes, KernelContext } from "./scope.ts";
import { streamSums } from "./stream-sums.ts";
import { blockSizes } from "./strips.ts";
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

/** For blocks of one row, which are as fast as b is read, and for others. */
export interface Sums {
  readonly single: EmitSums;
  readonly many: EmitSums;
}

export function prepareSums(
  asm: Assembler,
  context: KernelContext,
  contraction: Contraction,
): Sums {
  const { form, m, n, a, accumulator } = contraction;
  const setting: SumsSetting = {
    asm,
    context,
    contraction,
    k: kLoopsOf(asm, context, contraction),
    rowCounts: blockSizes(m.extent, blockRows),
    columnCounts: blockSizes(n.extent, blockColumns),
    bytesOf: (operand, rows) =>
      amountOf(asm, context, operand.rowStride, rows * byteLengthOf(operand.elements)),
  };
  const hasPanels = accumulator.type === "f32" && a.elements.kind === "f32";
  return {
    single: form === "alongK" ? dotSums({ ...setting, rowCounts: [1] }) : streamSums(setting),
    many: hasPanels ? panelSums(setting) : dotSums(setting),
  };
}

function kLoopsOf(asm: Assembler, context: KernelContext, contraction: Contraction): KLoops {
  const { a, b, k, kOuter } = contraction;
  const stride = (operand: Operand, of: Operand["kStride"]): Amount =>
    amountOf(asm, context, of, byteLengthOf(operand.elements));
  return {
    outer: kOuter.map(({ extent }, i) => ({
      extent: amountOf(asm, context, extent),
      aStride: stride(a, a.kOuterStrides[i]!),
      bStride: stride(b, b.kOuterStrides[i]!),
    })),
    inner: {
      extent: amountOf(asm, context, k.extent),
      aStride: stride(a, a.kStride),
      bStride: stride(b, b.kStride),
    },
  };
}

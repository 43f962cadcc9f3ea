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
import type { KernelContext } from "./scope.ts";
import { streamSums } from "./stream-sums.ts";
import { blockSizes } from "./strips.ts";
import type { EmitSums, SumsSetting } from "./sums-setting.ts";

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

/**
 * Sums of a block of one row where b is contiguous along n. Each element of b is used once, so what
 * counts is to read it in long runs: wide strips, as many as there are.
 */
import { sumsRowStride } from "./blocks.ts";
import { panelColumns } from "./contraction.ts";
import { emitGemmTile } from "./gemm.ts";
import { emitStrips } from "./strips.ts";
import type { StripShape } from "./strips.ts";
import type { EmitSums, SumsSetting } from "./sums.ts";

/** A panel has all its columns; of rows at most 3 floats past the end are read. */
const strips: Record<"panels" | "rows", readonly StripShape[]> = {
  panels: [
    { columns: 32, least: 25 },
    { columns: 8, least: 1 },
  ],
  rows: [
    { columns: 32, least: 32 },
    { columns: 8, least: 5 },
    { columns: 4, least: 1 },
  ],
};

export function streamSums(setting: SumsSetting): EmitSums {
  const { asm, context, contraction, k, columnCounts, bytesOf } = setting;
  const { form, b } = contraction;
  const isPacked = form === "panels";
  const shapes = isPacked ? strips.panels : strips.rows;
  const panelStride = isPacked ? bytesOf(b, 1) : panelColumns * 4;
  const steps = new Map(
    shapes.map(({ columns }) => [
      columns,
      isPacked ? bytesOf(b, columns / panelColumns) : columns * 4,
    ]),
  );
  const shared = { aRowStride: 0, bPanelStride: panelStride, outRowStride: sumsRowStride };
  return (block) => {
    const bStep = (columns: number) => steps.get(columns)!;
    emitStrips(asm, shapes, columnCounts, bStep, block, ({ columns }, at) => {
      const operands = { ...at, ...shared, continues: false };
      emitGemmTile(asm, { rows: 1, columns }, operands, k, context.features.relaxedSimd);
    });
  };
}

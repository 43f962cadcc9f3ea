/**
 * Sums of a block of one row where b is contiguous along n. Each element of b is used once, so what
 * counts is to read it in long runs: wide strips, as many as there are.
 */
import { sumsRowStride } from "./blocks.ts";
import { panelColumns } from "./contraction.ts";
import { emitGemmTile } from "./gemm.ts";
import { emitStrips } from "./strips.ts";
import type { StripShape } from "./strips.ts";
import type { EmitSums, SumsSetting } from "./sums-setting.ts";

/** A panel has all its columns; of rows at most 3 floats past the end are read. */
const shapes: Record<"panels" | "rows", readonly StripShape[]> = {
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
  const strips = shapes[isPacked ? "panels" : "rows"].map((shape) => {
    const { columns } = shape;
    return { ...shape, bStep: isPacked ? bytesOf(b, columns / panelColumns) : columns * 4 };
  });
  const shared = {
    aRowStride: 0,
    bPanelStride: isPacked ? bytesOf(b, 1) : panelColumns * 4,
    outRowStride: sumsRowStride,
    continues: false,
  };
  return (block) =>
    emitStrips(asm, strips, columnCounts, block, ({ columns }, at) => {
      const tile = { rows: 1, columns };
      emitGemmTile(asm, tile, { ...at, ...shared }, k, { relaxed: context.features.relaxedSimd });
    });
}

/**
 * f32 sums of a block of several rows: strip by strip, b's panel of 8 columns meets tiles of 4 or 6 rows.
 *
 * k is cut into pieces whose panel fits the first cache. What is not packed in panels is packed here,
 * piece by piece, for the block's 48 rows: a 24th of the loads that the tiles make, and then operands
 * that are decoded, far apart or contiguous along k cost the same.
 *
 * V8 up to 12 places a loop body's loads before its arithmetic. A tile then spills, to half the speed,
 * unless its sums, all vectors that one step loads and one product fit 15 registers together. V8
 * unrolls short loops itself. Later ones take larger tiles too, where there is relaxed_madd:
 *
 * GFLOP/s of 1440×384×384, one thread of an EPYC 7xx3, Node 20 / 22 / 24 / Chromium 156. relaxed_madd:
 *   4×8: 49 / 49 / 50 / 53, 2×16: 49 / 48 / 50 / 54, 6×8: 33 / 35 / 50 / 53,
 *   with two steps a turn 4×8: 24 / 24 / 50 / 53, 6×8: 27 / 30 / 50 / 55.
 * Multiply and add: 4×8: 39 / 36 / 38 / 42, 5×8: 31 / 19 / 22 / 39, 6×8: 25 / 21 / 24 / 26.
 */
import type { Assembler, Local } from "../assembler.ts";
import type { CpuFeatures } from "../features.ts";
import { copyOf } from "./amount.ts";
import type { Amount } from "./amount.ts";
import { blockDepth, panelOffset, sumsRowStride } from "./blocks.ts";
import { panelColumns } from "./contraction.ts";
import { emitGemmTile } from "./gemm.ts";
import { overOuterAxes, overPieces } from "./k-loops.ts";
import { openReader } from "./open-reader.ts";
import { packColumns, packRows, panelStride } from "./pack.ts";
import type { BoundAxes } from "./scope.ts";
import { emitRows, emitStrips } from "./strips.ts";
import type { Block } from "./strips.ts";
import type { EmitSums, SumsSetting } from "./sums-setting.ts";

interface PanelTile {
  readonly rows: number;
  /** Steps along k in one turn of the loop. */
  readonly steps: number;
}

function tileFor({ largeTiles }: CpuFeatures): PanelTile {
  return largeTiles ? { rows: 6, steps: 2 } : { rows: 4, steps: 1 };
}

export function panelSums(setting: SumsSetting): EmitSums {
  const { asm, context, contraction, k, columnCounts, bytesOf } = setting;
  const { a, b, form } = contraction;
  const tile = tileFor(context.features);
  const strides = { aRow: bytesOf(a, 1), aTile: bytesOf(a, tile.rows), bColumn: bytesOf(b, 1) };
  const bStep = bytesOf(b, form === "panels" ? 1 : panelColumns);
  const strips = [{ columns: panelColumns, least: 1, bStep }];
  const isOnePiece = k.outer.length === 0 && isAtMost(k.inner.extent, blockDepth);
  return (block, outer) => {
    const panel = copyOf(asm, block.out, panelOffset);
    if (!isOnePiece) zeroSums(asm, block);
    overOuterAxes(asm, k.outer, block.a, block.b, (aStart, bStart) =>
      overPieces(asm, k.inner, blockDepth, aStart, bStart, (count, aPiece, bPiece) => {
        const piece = { ...block, a: aPiece, b: bPiece };
        emitStrips(asm, strips, columnCounts, piece, (_, strip) => {
          if (form !== "panels") emitPack(setting, strip, count, strides.bColumn, panel, outer);
          const packed = form === "panels" ? strip.b : panel;
          emitTiles(setting, tile, { ...strip, b: packed }, count, strides, !isOnePiece);
        });
      }),
    );
    asm.release(panel);
  };
}

function isAtMost(extent: Amount, most: number): boolean {
  return typeof extent === "number" && extent <= most;
}

function emitPack(
  setting: SumsSetting,
  { b, columns, firstColumn }: Block,
  count: Amount,
  columnStride: Amount,
  panel: Local,
  outer: BoundAxes,
): void {
  const { asm, contraction, k } = setting;
  const source = { b, columns, count };
  if (contraction.form === "rows") return packRows(asm, source, k.inner.bStride, panel);
  const columnsOfPanel = {
    axis: contraction.n,
    first: firstColumn,
    count: panelColumns,
    left: columns,
  };
  const lanes = openReader(setting, contraction.b, outer, columnsOfPanel);
  packColumns(asm, source, columnStride, lanes, panel);
  lanes.close();
}

function emitTiles(
  { asm, context, contraction, k, rowCounts }: SumsSetting,
  tile: PanelTile,
  piece: Block,
  count: Amount,
  { aRow, aTile }: { readonly aRow: Amount; readonly aTile: Amount },
  continues: boolean,
): void {
  const bStride = contraction.form === "panels" ? k.inner.bStride : panelStride;
  const inner = { extent: count, aStride: k.inner.aStride, bStride };
  emitRows(asm, tile.rows, rowCounts, aTile, piece, (rows, at) =>
    emitGemmTile(
      asm,
      { rows, columns: panelColumns },
      { ...at, aRowStride: aRow, bPanelStride: 0, outRowStride: sumsRowStride, continues },
      { outer: [], inner },
      { relaxed: context.features.relaxedSimd, steps: tile.steps },
    ),
  );
}

/** Tiles add to what is there, piece after piece. */
function zeroSums(asm: Assembler, { out, rows }: Block): void {
  asm.get(out);
  asm.i32(0);
  asm.get(rows);
  asm.i32(sumsRowStride);
  asm.op("i32.mul");
  asm.op("memory.fill");
}

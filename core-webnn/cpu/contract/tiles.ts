/**
 * Which tiles a contraction is covered with, and what emits them.
 *
 * V8 up to 12 places a loop body's loads before its arithmetic, so a tile spills, to half the speed,
 * unless its sums, all the vectors that one step loads and one product fit 15 registers together. It
 * unrolls such short loops itself. Chromium's V8 (from 13 on) also takes larger tiles, with no gain.
 *
 * GFLOP/s of 1440×384×384, one thread of an EPYC 7xx3, relaxed_madd, Node 20 / 22 / 24:
 *   4×8: 49 / 49 / 50, 3×12: 49 / 49 / 49, 2×16: 49 / 48 / 50, 6×8: 33 / 35 / 50, 4×8 unrolled by 2:
 *   24 / 24 / 50. Multiply and add: 4×8: 39 / 36 / 38, 2×16: 39 / 38 / 20, 5×8: 31 / 19 / 22.
 * Along k, f32 2×4: 47 (multiply and add: 34), 3×3: 47 in Node 24 only; 8 bits 2×4: 70 GOP/s, 3×3: 37.
 */
import type { Assembler } from "../assembler.ts";
import type { Amount } from "./amount.ts";
import { sumsRowStride } from "./blocks.ts";
import { panelColumns } from "./contraction.ts";
import type { Contraction, Operand } from "./contraction.ts";
import { openDecoder } from "./decoder.ts";
import type { TileRows } from "./decoder.ts";
import { dotKind, emitDotTile } from "./dot.ts";
import { byteLengthOf } from "./elements.ts";
import { emitGemmTile } from "./gemm.ts";
import type { KLoops } from "./k-loops.ts";
import { plainReader } from "./lane-readers.ts";
import type { LaneReader } from "./lane-readers.ts";
import { amountOf } from "./scope.ts";
import type { BoundAxes, KernelContext } from "./scope.ts";
import type { Corner, Strip, TileSize } from "./strips.ts";

type StripShape = Pick<Strip, "rows" | "columns" | "least">;

/** For blocks of one row, which read b once and are as fast as memory is, and for others. */
interface StripTable {
  readonly single: readonly StripShape[];
  readonly many: readonly StripShape[];
}

/** Reading past the end of b: a panel has all its 8 columns, other rows at most 3 floats. */
const strips: Record<Contraction["form"], StripTable> = {
  panels: {
    single: [
      { rows: 1, columns: 32, least: 25 },
      { rows: 1, columns: 8, least: 1 },
    ],
    many: [{ rows: 4, columns: 8, least: 1 }],
  },
  rows: {
    single: [
      { rows: 1, columns: 32, least: 32 },
      { rows: 1, columns: 8, least: 5 },
      { rows: 1, columns: 4, least: 1 },
    ],
    many: [
      { rows: 4, columns: 8, least: 5 },
      { rows: 4, columns: 4, least: 1 },
    ],
  },
  alongK: {
    single: [
      { rows: 1, columns: 4, least: 4 },
      { rows: 1, columns: 1, least: 1 },
    ],
    many: [
      { rows: 2, columns: 4, least: 4 },
      { rows: 2, columns: 1, least: 1 },
    ],
  },
};

export interface Tiles {
  readonly single: readonly Strip[];
  readonly many: readonly Strip[];
  /** `outer` binds the outer axes. */
  emit(size: TileSize, at: Corner, outer: BoundAxes): void;
}

/** Strides that are not known are put into locals of the function, here, at its start. */
export function tilesOf(asm: Assembler, context: KernelContext, contraction: Contraction): Tiles {
  const { form, a, b } = contraction;
  const bytes = (operand: Operand, elements: number): Amount =>
    amountOf(asm, context, operand.rowStride, elements * byteLengthOf(operand.elements));
  const withSteps = (shapes: readonly StripShape[]): readonly Strip[] =>
    shapes.map((shape) => ({
      ...shape,
      aStep: bytes(a, shape.rows),
      bStep: bytes(b, form === "panels" ? shape.columns / panelColumns : shape.columns),
    }));
  const { single, many } = strips[form];
  const emit = form === "alongK" ? dotTiles : gemmTiles;
  return {
    single: withSteps(single),
    many: withSteps(many),
    emit: emit(asm, context, contraction, kLoopsOf(asm, context, contraction)),
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

type EmitWith = Tiles["emit"];

function gemmTiles(
  asm: Assembler,
  context: KernelContext,
  { form, a, b }: Contraction,
  k: KLoops,
): EmitWith {
  const aRowStride = amountOf(asm, context, a.rowStride, 4);
  const bPanelStride =
    form === "panels" ? amountOf(asm, context, b.rowStride, 4) : panelColumns * 4;
  return (size, at) =>
    emitGemmTile(
      asm,
      size,
      { ...at, aRowStride, bPanelStride, outRowStride: sumsRowStride },
      k,
      context.features.relaxedSimd,
    );
}

function dotTiles(
  asm: Assembler,
  context: KernelContext,
  { a, b, m, n, accumulator }: Contraction,
  k: KLoops,
): EmitWith {
  const aRowStride = amountOf(asm, context, a.rowStride, byteLengthOf(a.elements));
  const bColumnStride = amountOf(asm, context, b.rowStride, byteLengthOf(b.elements));
  const kind = dotKind(accumulator.type === "f32" ? "f32" : "i32", context.features.relaxedSimd);
  const isDecoded = [a, b].some(({ elements }) => elements.kind === "decoded");
  // Eight bytes are widened at once.
  const vectors = isDecoded ? 2 : 1;
  return ({ rows, columns }, at, outer) => {
    const aRows = { axis: m, first: at.firstRow, count: rows };
    const bColumns = { axis: n, first: at.firstColumn, count: columns };
    const aLanes = openReader(asm, context, a, outer, aRows);
    const bLanes = openReader(asm, context, b, outer, bColumns);
    emitDotTile(
      asm,
      { rows, columns, vectors, chains: 1 },
      { ...at, aRowStride, aLanes, bColumnStride, bLanes, outRowStride: sumsRowStride },
      k,
      kind,
    );
    aLanes.close();
    bLanes.close();
  };
}

function openReader(
  asm: Assembler,
  context: KernelContext,
  { elements }: Operand,
  outer: BoundAxes,
  rows: TileRows,
): LaneReader {
  if (elements.kind !== "decoded") return plainReader(asm, elements);
  return openDecoder(asm, context, elements, outer, rows);
}

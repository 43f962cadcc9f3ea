/**
 * Covers a block of rows and columns with tiles: strips of columns from left to right, in each of them
 * tiles from top to bottom. Tiles that no block of the sizes in question needs are not emitted.
 */
import type { Assembler, Local } from "../assembler.ts";
import type { Size } from "../../util/size.ts";
import { advance, copyOf } from "./amount.ts";
import type { Amount } from "./amount.ts";
import { sumsRowStride } from "./blocks.ts";

/** Where the operands and the sums of a block, a strip or a tile start. */
export interface Corner {
  readonly a: Local;
  readonly b: Local;
  readonly out: Local;
  /** Of the whole contraction. */
  readonly firstRow: Local;
  readonly firstColumn: Local;
}

/** What is left of a block from a corner on. */
export interface Block extends Corner {
  readonly rows: Local;
  readonly columns: Local;
}

export interface StripShape {
  readonly columns: number;
  /** Taken while so many columns are left: fewer than `columns` where what is past the end may be read. */
  readonly least: number;
}

export interface Strip extends StripShape {
  /** Bytes along b to the next strip. */
  readonly bStep: Amount;
}

export interface TileSize {
  readonly rows: number;
  readonly columns: number;
}

/** The rows or columns that blocks may have. */
export function blockSizes(extent: Size, block: number): readonly number[] {
  if (typeof extent !== "number") return Array.from({ length: block }, (_, i) => i + 1);
  const rest = extent % block;
  return [...(extent >= block ? [block] : []), ...(rest > 0 ? [rest] : [])];
}

export function emitStrips(
  asm: Assembler,
  strips: readonly Strip[],
  columnCounts: readonly number[],
  block: Block,
  emitStrip: (shape: StripShape, at: Block) => void,
): void {
  const b = copyOf(asm, block.b);
  const out = copyOf(asm, block.out);
  const firstColumn = copyOf(asm, block.firstColumn);
  const columns = copyOf(asm, block.columns);
  for (const strip of strips) {
    if (!columnCounts.some((count) => takes(strips, strip, count))) continue;
    whileAtLeast(asm, columns, strip.least, () => {
      emitStrip(strip, { ...block, b, out, firstColumn, columns });
      advance(asm, b, strip.bStep);
      advance(asm, out, strip.columns * 4);
      advance(asm, firstColumn, strip.columns);
      advance(asm, columns, -strip.columns);
    });
  }
  asm.release(b, out, firstColumn, columns);
}

/** Tiles of `tileRows` rows, `aStep` bytes of a apart, and a last one of fewer. */
export function emitRows(
  asm: Assembler,
  tileRows: number,
  rowCounts: readonly number[],
  aStep: Amount,
  block: Block,
  emitTile: (rows: number, at: Corner) => void,
): void {
  const a = copyOf(asm, block.a);
  const out = copyOf(asm, block.out);
  const firstRow = copyOf(asm, block.firstRow);
  const rows = copyOf(asm, block.rows);
  const at = { ...block, a, out, firstRow };
  if (rowCounts.some((count) => count >= tileRows)) {
    whileAtLeast(asm, rows, tileRows, () => {
      emitTile(tileRows, at);
      advance(asm, a, aStep);
      advance(asm, out, tileRows * sumsRowStride);
      advance(asm, firstRow, tileRows);
      advance(asm, rows, -tileRows);
    });
  }
  for (const rest of new Set(rowCounts.map((count) => count % tileRows))) {
    if (rest === 0) continue;
    asm.get(rows);
    asm.i32(rest);
    asm.op("i32.eq");
    asm.if(() => emitTile(rest, at));
  }
  asm.release(a, out, firstRow, rows);
}

/** Whether a block of so many columns has such a strip. */
function takes(shapes: readonly StripShape[], wanted: StripShape, columns: number): boolean {
  let left = columns;
  for (const shape of shapes) {
    const count = Math.max(0, Math.floor((left - shape.least) / shape.columns) + 1);
    if (shape === wanted) return count > 0;
    left -= count * shape.columns;
  }
  return false;
}

function whileAtLeast(asm: Assembler, left: Local, least: number, body: () => void): void {
  asm.block((done) => {
    asm.loop((again) => {
      asm.get(left);
      asm.i32(least);
      asm.op("i32.lt_s");
      asm.brIf(done);
      body();
      asm.br(again);
    });
  });
}

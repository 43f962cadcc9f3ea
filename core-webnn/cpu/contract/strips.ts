/**
 * Covers a block of rows and columns with tiles: strips of columns from left to right, in each of them
 * tiles from top to bottom. Tiles that no block of the sizes in question needs are not emitted.
 */
import type { Assembler, Local } from "../assembler.ts";
import type { Size } from "../../util/size.ts";
import { advance, copyOf } from "./amount.ts";
import type { Amount } from "./amount.ts";

export interface Strip {
  readonly columns: number;
  /** Taken while so many columns are left: fewer than `columns` where what is past the end may be read. */
  readonly least: number;
  /** Rows of its tiles, but for a last one of fewer. */
  readonly rows: number;
  /** Bytes to the next tile of `rows` rows of a. */
  readonly aStep: Amount;
  /** Bytes along b to the next strip. */
  readonly bStep: Amount;
}

export interface TileSize {
  readonly rows: number;
  readonly columns: number;
}

/** Where the operands and the sums of a block or a tile start. */
export interface Corner {
  readonly a: Local;
  readonly b: Local;
  readonly out: Local;
  /** Of the whole contraction. */
  readonly firstRow: Local;
  readonly firstColumn: Local;
}

export interface Block extends Corner {
  readonly rows: Local;
  readonly columns: Local;
}

export type EmitTile = (size: TileSize, at: Corner) => void;

/** The rows or columns that blocks may have. */
export function blockSizes(extent: Size, block: number): readonly number[] {
  if (typeof extent !== "number") return Array.from({ length: block }, (_, i) => i + 1);
  const rest = extent % block;
  return [...(extent >= block ? [block] : []), ...(rest > 0 ? [rest] : [])];
}

export function emitStrips(
  asm: Assembler,
  strips: readonly Strip[],
  sizes: { readonly rows: readonly number[]; readonly columns: readonly number[] },
  outRowStride: number,
  block: Block,
  emitTile: EmitTile,
): void {
  const used = strips.filter((strip) => sizes.columns.some((count) => takes(strips, strip, count)));
  const [b, out, firstColumn, left] = copiesOf(asm, [
    block.b,
    block.out,
    block.firstColumn,
    block.columns,
  ]);
  for (const strip of used) {
    whileAtLeast(asm, left, strip.least, () => {
      emitRows(asm, strip, sizes.rows, outRowStride, { ...block, b, out, firstColumn }, emitTile);
      advance(asm, b, strip.bStep);
      advance(asm, out, strip.columns * 4);
      advance(asm, firstColumn, strip.columns);
      advance(asm, left, -strip.columns);
    });
  }
  asm.release(b, out, firstColumn, left);
}

/** Whether a block of so many columns has such a strip. */
function takes(strips: readonly Strip[], wanted: Strip, columns: number): boolean {
  let left = columns;
  for (const strip of strips) {
    const count = Math.max(0, Math.floor((left - strip.least) / strip.columns) + 1);
    if (strip === wanted) return count > 0;
    left -= count * strip.columns;
  }
  return false;
}

function emitRows(
  asm: Assembler,
  { rows, columns, aStep }: Strip,
  sizes: readonly number[],
  outRowStride: number,
  block: Block,
  emitTile: EmitTile,
): void {
  const [a, out, firstRow, left] = copiesOf(asm, [block.a, block.out, block.firstRow, block.rows]);
  const at = { ...block, a, out, firstRow };
  if (sizes.some((count) => count >= rows)) {
    whileAtLeast(asm, left, rows, () => {
      emitTile({ rows, columns }, at);
      advance(asm, a, aStep);
      advance(asm, out, rows * outRowStride);
      advance(asm, firstRow, rows);
      advance(asm, left, -rows);
    });
  }
  for (const rest of new Set(sizes.map((count) => count % rows))) {
    if (rest === 0) continue;
    asm.get(left);
    asm.i32(rest);
    asm.op("i32.eq");
    asm.if(() => emitTile({ rows: rest, columns }, at));
  }
  asm.release(a, out, firstRow, left);
}

function copiesOf(asm: Assembler, locals: readonly [Local, Local, Local, Local]) {
  const [a, b, c, d] = locals;
  return [copyOf(asm, a), copyOf(asm, b), copyOf(asm, c), copyOf(asm, d)] as const;
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

/**
 * Tiles of `out[m][n] = Σ a[m][k]·b[k][n]` in f32 where b is contiguous along n: rows of b as they lie,
 * or panels of 8 columns.
 *
 * One element of a, in all lanes, multiplies vectors of b; the sums stay in registers for all of k.
 */
import { repeat } from "./amount.ts";
import type { Amount } from "./amount.ts";
import type { Assembler, Local } from "../assembler.ts";
import { overOuterAxes, withQuotient, withRemainder } from "./k-loops.ts";
import { panelColumns } from "./contraction.ts";
import type { KLoops } from "./k-loops.ts";
import { multiplyAdd, zeroVectors } from "./lanes.ts";
import { advanceRows, loaded, releaseRows, startRows } from "./row-pointers.ts";
import type { Place } from "./row-pointers.ts";
import type { TileSize } from "./strips.ts";

/** Columns are a multiple of 4. */
export type GemmTile = TileSize;

export interface GemmOperands {
  /** Points to the tile's first row of a at k = 0. */
  readonly a: Local;
  readonly aRowStride: Amount;
  /** Points to the tile's first column of b at k = 0. */
  readonly b: Local;
  /** Bytes from 8 columns to the next 8. */
  readonly bPanelStride: Amount;
  /** Where the sums go, `outRowStride` bytes from row to row. */
  readonly out: Local;
  readonly outRowStride: number;
  /** Whether there are sums already, to which these are added. */
  readonly continues: boolean;
}

export interface GemmLoop {
  /** Whether products are added by relaxed_madd. */
  readonly relaxed: boolean;
  /** Along k, in one turn of the loop. */
  readonly steps?: number;
}

export function emitGemmTile(
  asm: Assembler,
  tile: GemmTile,
  operands: GemmOperands,
  k: KLoops,
  { relaxed, steps = 1 }: GemmLoop,
): void {
  const vectors = tile.columns / 4;
  const panels = Math.ceil(tile.columns / panelColumns);
  const sums = Array.from({ length: tile.rows }, (_, r) =>
    operands.continues ? loadSums(asm, operands, r, vectors) : zeroVectors(asm, vectors),
  );
  overOuterAxes(asm, k.outer, operands.a, operands.b, (aStart, bStart) => {
    const { extent, aStride, bStride } = k.inner;
    const a = startRows(asm, aStart, operands.aRowStride, tile.rows);
    const b = startRows(asm, bStart, operands.bPanelStride, panels);
    const emitStep = (): void => {
      emitOuterProduct(asm, a.places, vectorsOf(b.places, vectors), sums, relaxed);
      advanceRows(asm, a, aStride);
      advanceRows(asm, b, bStride);
    };
    repeatInTurns(asm, extent, steps, emitStep);
    releaseRows(asm, a, b);
  });
  for (const [r, row] of sums.entries()) {
    for (const [v, sum] of row.entries()) {
      asm.get(operands.out);
      asm.get(sum);
      asm.memory("v128.store", r * operands.outRowStride + v * 16);
    }
    asm.release(...row);
  }
}

/** `count` times, `steps` (a power of two) in a turn of the loop. */
function repeatInTurns(asm: Assembler, count: Amount, steps: number, emitStep: () => void): void {
  if (steps === 1) return repeat(asm, count, emitStep);
  withQuotient(asm, count, steps, (turns) =>
    repeat(asm, turns, () => {
      for (let step = 0; step < steps; step++) emitStep();
    }),
  );
  withRemainder(asm, count, steps, (rest) => repeat(asm, rest, emitStep));
}

function loadSums(
  asm: Assembler,
  { out, outRowStride }: GemmOperands,
  row: number,
  vectors: number,
): Local[] {
  return Array.from({ length: vectors }, (_, v) =>
    loaded(asm, "v128.load", { pointer: out, offset: row * outRowStride + v * 16 }),
  );
}

/** The vectors of panels of 8 columns: two each, but for a last one of 4 columns. */
function vectorsOf(panels: readonly Place[], vectors: number): Place[] {
  return Array.from({ length: vectors }, (_, v) => {
    const panel = panels[Math.floor(v / 2)]!;
    return { pointer: panel.pointer, offset: panel.offset + (v % 2) * 16 };
  });
}

/** `sums[r][v] += a[r] · b[v]`. The shorter side is held in registers while the other passes by. */
function emitOuterProduct(
  asm: Assembler,
  a: readonly Place[],
  b: readonly Place[],
  sums: readonly (readonly Local[])[],
  relaxed: boolean,
): void {
  if (a.length < b.length) {
    const held = a.map((place) => loaded(asm, "v128.load32_splat", place));
    for (const [v, place] of b.entries()) {
      const vector = loaded(asm, "v128.load", place);
      held.forEach((splat, r) => multiplyAdd(asm, sums[r]![v]!, splat, vector, relaxed));
      asm.release(vector);
    }
    asm.release(...held);
  } else {
    const held = b.map((place) => loaded(asm, "v128.load", place));
    for (const [r, place] of a.entries()) {
      const splat = loaded(asm, "v128.load32_splat", place);
      held.forEach((vector, v) => multiplyAdd(asm, sums[r]![v]!, splat, vector, relaxed));
      asm.release(splat);
    }
    asm.release(...held);
  }
}

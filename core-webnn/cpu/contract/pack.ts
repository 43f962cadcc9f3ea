/**
 * Writes a piece of a strip of b as a panel, `[k][8]` floats, which tiles then read as often as there are
 * rows. Of columns past b's end the panel holds what is never used.
 */
import type { Assembler, Local } from "../assembler.ts";
import { advance, copyOf, pushAmount, repeat } from "./amount.ts";
import type { Amount } from "./amount.ts";
import { panelColumns } from "./contraction.ts";
import type { LaneReader } from "./lane-readers.ts";
import { shuffleWords } from "./lanes.ts";

/** Bytes of one k of a panel. */
export const panelStride = panelColumns * 4;

/** A strip of b: `columns` says how many there are, up to 8 or beyond. */
export interface StripSource {
  readonly b: Local;
  readonly columns: Local;
  /** Along k. */
  readonly count: Amount;
}

/** Of rows of b that are contiguous along n. `kStride` is in bytes. */
export function packRows(
  asm: Assembler,
  { b, columns, count }: StripSource,
  kStride: Amount,
  panel: Local,
): void {
  const copy = (vectors: number): void => {
    const [from, to] = [copyOf(asm, b), copyOf(asm, panel)];
    repeat(asm, count, () => {
      for (let v = 0; v < vectors; v++) {
        asm.get(to);
        asm.get(from);
        asm.memory("v128.load", v * 16);
        asm.memory("v128.store", v * 16);
      }
      advance(asm, from, kStride);
      advance(asm, to, panelStride);
    });
    asm.release(from, to);
  };
  // A vector that starts past the end could lie outside the memory.
  asm.get(columns);
  asm.i32(4);
  asm.op("i32.gt_s");
  asm.if(
    () => copy(2),
    () => copy(1),
  );
}

/**
 * Of columns that are contiguous along k, `columnStride` bytes apart: four by four elements are read and
 * transposed. The panel must have room for seven more k than there are.
 */
export function packColumns(
  asm: Assembler,
  { b, columns, count }: StripSource,
  columnStride: Amount,
  lanes: LaneReader,
  panel: Local,
): void {
  const vectors = lanes.vectorsAtOnce;
  const step = vectors * 4;
  const pointers = columnPointers(asm, b, columns, columnStride);
  const to = copyOf(asm, panel);
  withSteps(asm, count, step, (steps) =>
    repeat(asm, steps, () => {
      for (let first = 0; first < panelColumns; first += 4) {
        const read = pointers.slice(first, first + 4).map((pointer, c) => {
          const targets = Array.from({ length: vectors }, () => asm.local("v128"));
          lanes.read({ pointer, offset: 0 }, first + c, targets);
          return targets;
        });
        for (let v = 0; v < vectors; v++) {
          const four = read.map((column) => column[v]!);
          storeTransposed(asm, four, to, v * 4 * panelStride + first * 4);
        }
        asm.release(...read.flat());
      }
      for (const pointer of pointers) advance(asm, pointer, step * lanes.elementByteLength);
      advance(asm, to, step * panelStride);
    }),
  );
  asm.release(to, ...pointers);
}

/** One for each column of a panel; those past the end point to the last column. */
function columnPointers(asm: Assembler, b: Local, columns: Local, stride: Amount): Local[] {
  const pointers = [copyOf(asm, b)];
  for (let c = 1; c < panelColumns; c++) {
    const pointer = asm.local("i32");
    asm.get(pointers.at(-1)!);
    pushAmount(asm, stride);
    asm.i32(0);
    asm.get(columns);
    asm.i32(c);
    asm.op("i32.gt_s");
    asm.select();
    asm.op("i32.add");
    asm.set(pointer);
    pointers.push(pointer);
  }
  return pointers;
}

/** `ceil(count / step)` for a power of two. */
function withSteps(
  asm: Assembler,
  count: Amount,
  step: number,
  use: (steps: Amount) => void,
): void {
  if (typeof count === "number") return use(Math.ceil(count / step));
  const steps = asm.local("i32");
  asm.get(count);
  asm.i32(step - 1);
  asm.op("i32.add");
  asm.i32(Math.log2(step));
  asm.op("i32.shr_s");
  asm.set(steps);
  use(steps);
  asm.release(steps);
}

/** Four columns of four k each become four rows, `panelStride` bytes apart. */
function storeTransposed(asm: Assembler, four: readonly Local[], to: Local, offset: number): void {
  const [a, b, c, d] = four as readonly [Local, Local, Local, Local];
  const interleave = (x: Local, y: Local, words: readonly number[]): Local => {
    shuffleWords(asm, x, y, words);
    const pairs = asm.local("v128");
    asm.set(pairs);
    return pairs;
  };
  const [low, high] = [[0, 4, 1, 5], [2, 6, 3, 7]] as const; // prettier-ignore
  for (const [half, words] of [low, high].entries()) {
    const [ab, cd] = [interleave(a, b, words), interleave(c, d, words)];
    for (const [row, pairs] of [
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ].entries()) {
      asm.get(to);
      shuffleWords(asm, ab, cd, pairs);
      asm.memory("v128.store", offset + (half * 2 + row) * panelStride);
    }
    asm.release(ab, cd);
  }
}

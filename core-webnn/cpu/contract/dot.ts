/**
 * Tiles of `out[m][n] = Σ a[m][k]·b[n][k]` where both operands are contiguous along k: vectors of a
 * multiply vectors of b, and the lanes of the sums are added up at the end.
 *
 * What lies in memory may be other than what is multiplied: a `LaneReader` loads and converts.
 * Elements past the end of k are read (within the 15 bytes that follow) and masked out.
 */
import { pushAmount, repeat } from "./amount.ts";
import type { Amount } from "./amount.ts";
import type { Assembler, Local } from "../assembler.ts";
import { overOuterAxes, withQuotient, withRemainder } from "./k-loops.ts";
import type { KLoops } from "./k-loops.ts";
import { multiplyAdd, multiplyAddPairs, pushLaneSum, pushLaneSums, zeroVectors } from "./lanes.ts";
import type { LaneAdd } from "./lanes.ts";
import type { LaneReader } from "./lane-readers.ts";
import { advanceRows, releaseRows, startRows } from "./row-pointers.ts";
import type { Place } from "./row-pointers.ts";

export interface DotTile {
  readonly rows: number;
  /** 1, or a multiple of 4. */
  readonly columns: number;
  /** Vectors along k in one step. */
  readonly vectors: number;
}

export interface DotOperands {
  /** Points to the tile's first row of a at k = 0. */
  readonly a: Local;
  readonly aRowStride: Amount;
  readonly aLanes: LaneReader;
  /** Points to the tile's first column of b at k = 0. */
  readonly b: Local;
  readonly bColumnStride: Amount;
  readonly bLanes: LaneReader;
  readonly out: Local;
  readonly outRowStride: number;
}

/** How lanes are multiplied: 4 of f32, or 8 of int16 into 4 of int32. */
export interface DotKind {
  readonly lanes: 4 | 8;
  readonly add: LaneAdd;
  accumulate(asm: Assembler, sum: Local, x: Local, y: Local): void;
}

export function dotKind(type: "f32" | "i32", relaxed: boolean): DotKind {
  if (type === "i32") return { lanes: 8, add: "i32x4.add", accumulate: multiplyAddPairs };
  return {
    lanes: 4,
    add: "f32x4.add",
    accumulate: (asm, sum, x, y) => multiplyAdd(asm, sum, x, y, relaxed),
  };
}

export function emitDotTile(
  asm: Assembler,
  tile: DotTile,
  operands: DotOperands,
  k: KLoops,
  kind: DotKind,
): void {
  const sums = Array.from({ length: tile.rows }, () => zeroVectors(asm, tile.columns));
  overOuterAxes(asm, k.outer, operands.a, operands.b, (a, b) => {
    emitInner(asm, tile, { ...operands, a, b }, k.inner.extent, kind, sums);
  });
  for (const [r, row] of sums.entries()) {
    storeRow(asm, row, operands.out, r * operands.outRowStride, kind.add);
    asm.release(...row);
  }
}

/** Sums of the tile by row and column. */
type Sums = readonly (readonly Local[])[];

/** Whole steps first, then one vector at a time, the last of them masked. */
function emitInner(
  asm: Assembler,
  tile: DotTile,
  operands: DotOperands,
  extent: Amount,
  kind: DotKind,
  sums: Sums,
): void {
  const { aLanes, bLanes } = operands;
  const a = startRows(asm, operands.a, operands.aRowStride, tile.rows);
  const b = startRows(asm, operands.b, operands.bColumnStride, tile.columns);
  const emitStep = (vectors: number, mask?: Local): void => {
    const elements = vectors * kind.lanes;
    const held = a.places.map((place, r) => readVectors(asm, aLanes, place, r, vectors, mask));
    for (const [c, place] of b.places.entries()) {
      const passing = readVectors(asm, bLanes, place, c, vectors, mask);
      for (const [r, row] of held.entries()) {
        row.forEach((x, v) => kind.accumulate(asm, sums[r]![c]!, x, passing[v]!));
      }
      asm.release(...passing);
    }
    asm.release(...held.flat());
    advanceRows(asm, a, elements * aLanes.elementByteLength);
    advanceRows(asm, b, elements * bLanes.elementByteLength);
  };
  const step = tile.vectors * kind.lanes;
  withQuotient(asm, extent, step, (turns) => repeat(asm, turns, () => emitStep(tile.vectors)));
  withRemainder(asm, extent, step, (rest) => {
    withQuotient(asm, rest, kind.lanes, (whole) => repeat(asm, whole, () => emitStep(1)));
    withRemainder(asm, rest, kind.lanes, (part) =>
      whereMasked(asm, part, kind.lanes, (mask) => emitStep(1, mask)),
    );
  });
  releaseRows(asm, a, b);
}

/** New locals; lanes that the mask does not have are 0 (no NaN of a stranger may pass). */
function readVectors(
  asm: Assembler,
  lanes: LaneReader,
  place: Place,
  row: number,
  count: number,
  mask: Local | undefined,
): Local[] {
  const vectors = Array.from({ length: count }, () => asm.local("v128"));
  lanes.read(place, row, vectors);
  for (const vector of mask === undefined ? [] : vectors) {
    asm.get(vector);
    asm.get(mask!);
    asm.op("v128.and");
    asm.set(vector);
  }
  return vectors;
}

/** Emits `body` with the mask of the first `count` of `lanes` lanes, unless that is none. */
function whereMasked(
  asm: Assembler,
  count: Amount,
  lanes: 4 | 8,
  body: (mask: Local) => void,
): void {
  if (count === 0) return;
  const mask = asm.local("v128");
  const emit = (): void => {
    asm.v128(lanes === 4 ? Int32Array.of(0, 1, 2, 3) : Int16Array.of(0, 1, 2, 3, 4, 5, 6, 7));
    pushAmount(asm, count);
    asm.op(lanes === 4 ? "i32x4.splat" : "i16x8.splat");
    asm.op(lanes === 4 ? "i32x4.lt_s" : "i16x8.lt_s");
    asm.set(mask);
    body(mask);
  };
  if (typeof count === "number") emit();
  else {
    asm.get(count);
    asm.if(emit);
  }
  asm.release(mask);
}

/** Stores the lane sums of one vector, or of groups of four. */
function storeRow(
  asm: Assembler,
  row: readonly Local[],
  out: Local,
  offset: number,
  add: LaneAdd,
): void {
  if (row.length === 1) {
    asm.get(out);
    pushLaneSum(asm, row[0]!, add);
    return asm.memoryLane("v128.store32_lane", 0, offset);
  }
  for (let c = 0; c < row.length; c += 4) {
    asm.get(out);
    pushLaneSums(asm, row.slice(c, c + 4), add);
    asm.memory("v128.store", offset + c * 4);
  }
}

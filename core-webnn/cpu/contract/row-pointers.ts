/**
 * Pointers to rows that are read in step. A stride that is known when emitting becomes an immediate of
 * the loads, so that rows share one pointer; else each row has a pointer of its own.
 */
import { advance, copyOf } from "./amount.ts";
import type { Amount } from "./amount.ts";
import type { Assembler, Local } from "../assembler.ts";
import type { MemoryOpName } from "../opcodes.ts";

/** The byte at `pointer + offset`. */
export interface Place {
  readonly pointer: Local;
  readonly offset: number;
}

export interface RowPointers {
  readonly places: readonly Place[];
  readonly pointers: readonly Local[];
}

/** `count` rows, `stride` bytes apart; the first is where `base` points, and `base` stays as it is. */
export function startRows(asm: Assembler, base: Local, stride: Amount, count: number): RowPointers {
  if (isImmediate(stride) || count === 1) {
    const pointer = copyOf(asm, base);
    const offsetOf = (row: number): number => (isImmediate(stride) ? row * stride : 0);
    const places = Array.from({ length: count }, (_, row) => ({ pointer, offset: offsetOf(row) }));
    return { places, pointers: [pointer] };
  }
  const pointers = [copyOf(asm, base)];
  while (pointers.length < count) pointers.push(copyOf(asm, pointers.at(-1)!, stride));
  return { places: pointers.map((pointer) => ({ pointer, offset: 0 })), pointers };
}

export function advanceRows(asm: Assembler, rows: RowPointers, step: Amount): void {
  for (const pointer of rows.pointers) advance(asm, pointer, step);
}

export function releaseRows(asm: Assembler, ...sides: readonly RowPointers[]): void {
  for (const { pointers } of sides) asm.release(...pointers);
}

/** A new local with what lies at a place; the caller releases it. */
export function loaded(asm: Assembler, name: MemoryOpName, place: Place): Local {
  const vector = asm.local("v128");
  asm.get(place.pointer);
  asm.memory(name, place.offset);
  asm.set(vector);
  return vector;
}

/** Immediates cannot be negative. */
function isImmediate(stride: Amount): stride is number {
  return typeof stride === "number" && stride >= 0;
}

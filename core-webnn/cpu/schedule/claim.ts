/**
 * Code that reads and changes the claim: one 64-bit word that says what may be taken next. See
 * control.ts for its fields.
 */
import type { Assembler, Label, Local } from "../assembler.ts";
import { claimBits, control, noChunk, record } from "./control.ts";
import { loadField } from "./steps.ts";

export function setClaim(asm: Assembler, claim: Local): void {
  asm.i32(0);
  asm.memory("i64.atomic.load", control.claim);
  asm.set(claim);
}

/** Branches if the claim is of another dispatch. */
export function leaveUnlessCurrent(
  asm: Assembler,
  claim: Local,
  dispatch: Local,
  over: Label,
): void {
  asm.get(claim);
  asm.i64(BigInt(claimBits.chunk + claimBits.step));
  asm.op("i64.shr_u");
  asm.op("i32.wrap_i64");
  asm.get(dispatch);
  asm.op("i32.ne");
  asm.brIf(over);
}

export function setField(
  asm: Assembler,
  to: Local,
  claim: Local,
  shift: number,
  mask: number,
): void {
  asm.get(claim);
  if (shift > 0) {
    asm.i64(BigInt(shift));
    asm.op("i64.shr_u");
  }
  asm.op("i32.wrap_i64");
  asm.i32(mask);
  asm.op("i32.and");
  asm.set(to);
}

/** Leaves the claim that was found; it is `expected` if the swap took place. */
export function compareAndSwap(asm: Assembler, expected: Local, pushWanted: () => void): void {
  asm.i32(0);
  asm.get(expected);
  pushWanted();
  asm.memory("i64.atomic.rmw.cmpxchg", control.claim);
}

/** The claim of the same step when its last chunk is taken. */
export function pushExhausted(asm: Assembler, claim: Local, found: Local): void {
  asm.get(claim);
  asm.i64(BigInt(noChunk));
  asm.i64(-1n);
  asm.op("i64.xor");
  asm.op("i64.and");
  loadField(asm, found, record.chunkCount);
  asm.op("i64.extend_i32_u");
  asm.op("i64.or");
}

/** `dispatch << 40 | step << 20`. */
export function pushClaim(asm: Assembler, dispatch: Local, step: Local): void {
  asm.get(dispatch);
  asm.op("i64.extend_i32_u");
  asm.i64(BigInt(claimBits.step + claimBits.chunk));
  asm.op("i64.shl");
  asm.get(step);
  asm.op("i64.extend_i32_u");
  asm.i64(BigInt(claimBits.chunk));
  asm.op("i64.shl");
  asm.op("i64.or");
}

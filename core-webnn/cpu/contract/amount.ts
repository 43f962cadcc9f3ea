/** Integers of generated code that are known when it is emitted (then folded), or held in an i32 local. */
import type { Assembler, Local } from "../assembler.ts";

export type Amount = number | Local;

export function pushAmount(asm: Assembler, amount: Amount): void {
  if (typeof amount === "number") asm.i32(amount);
  else asm.get(amount);
}

/** `local += amount`. */
export function advance(asm: Assembler, local: Local, amount: Amount): void {
  if (amount === 0) return;
  asm.get(local);
  pushAmount(asm, amount);
  asm.op("i32.add");
  asm.set(local);
}

/** `local += stride * count`. */
export function advanceTimes(asm: Assembler, local: Local, stride: Amount, count: Amount): void {
  if (typeof stride === "number" && typeof count === "number") {
    return advance(asm, local, stride * count);
  }
  asm.get(local);
  pushAmount(asm, stride);
  pushAmount(asm, count);
  asm.op("i32.mul");
  asm.op("i32.add");
  asm.set(local);
}

/** `local = min(value, most)`. */
export function setMinimum(asm: Assembler, local: Local, value: Local, most: number): void {
  asm.get(value);
  asm.i32(most);
  asm.get(value);
  asm.i32(most);
  asm.op("i32.lt_s");
  asm.select();
  asm.set(local);
}

/** `local + offset` in a new local, which the caller releases. */
export function copyOf(asm: Assembler, local: Local, offset: Amount = 0): Local {
  const copy = asm.local("i32");
  asm.get(local);
  if (offset !== 0) {
    pushAmount(asm, offset);
    asm.op("i32.add");
  }
  asm.set(copy);
  return copy;
}

/** Runs `body` `count` times; straight code for 0 and 1. A negative count runs it never. */
export function repeat(asm: Assembler, count: Amount, body: () => void): void {
  if (count === 0) return;
  if (count === 1) return body();
  const left = asm.local("i32");
  pushAmount(asm, count);
  asm.set(left);
  asm.block((done) => {
    if (typeof count !== "number") {
      asm.get(left);
      asm.i32(0);
      asm.op("i32.le_s");
      asm.brIf(done);
    }
    asm.loop((again) => {
      body();
      asm.get(left);
      asm.i32(1);
      asm.op("i32.sub");
      asm.tee(left);
      asm.brIf(again);
    });
  });
  asm.release(left);
}

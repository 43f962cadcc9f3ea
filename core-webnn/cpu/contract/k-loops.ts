/**
 * The loops of a contraction along k around the steps of one tile.
 *
 * The innermost axis is where a tile unrolls; axes around it are there when k is several axes that
 * are no single stride (the taps of a convolution).
 */
import { advance, copyOf, repeat } from "./amount.ts";
import type { Amount } from "./amount.ts";
import type { Assembler, Local } from "../assembler.ts";

export interface KAxis {
  readonly extent: Amount;
  /** Bytes. */
  readonly aStride: Amount;
  readonly bStride: Amount;
}

export interface KLoops {
  /** Outermost first. */
  readonly outer: readonly KAxis[];
  readonly inner: KAxis;
}

/** Runs `body` at every point of the outer axes, with a and b pointing to where the inner one starts. */
export function overOuterAxes(
  asm: Assembler,
  outer: readonly KAxis[],
  a: Local,
  b: Local,
  body: (a: Local, b: Local) => void,
): void {
  const [axis, ...inside] = outer;
  if (axis === undefined) return body(a, b);
  const [movingA, movingB] = [copyOf(asm, a), copyOf(asm, b)];
  repeat(asm, axis.extent, () => {
    overOuterAxes(asm, inside, movingA, movingB, body);
    advance(asm, movingA, axis.aStride);
    advance(asm, movingB, axis.bStride);
  });
  asm.release(movingA, movingB);
}

/** `floor(amount / divisor)` for a power of two; a local made here is released after `use`. */
export function withQuotient(
  asm: Assembler,
  amount: Amount,
  divisor: number,
  use: (quotient: Amount) => void,
): void {
  if (typeof amount === "number") return use(Math.floor(amount / divisor));
  const quotient = asm.local("i32");
  asm.get(amount);
  asm.i32(Math.log2(divisor));
  asm.op("i32.shr_s");
  asm.set(quotient);
  use(quotient);
  asm.release(quotient);
}

/** `amount mod divisor` for a power of two; a local made here is released after `use`. */
export function withRemainder(
  asm: Assembler,
  amount: Amount,
  divisor: number,
  use: (remainder: Amount) => void,
): void {
  if (typeof amount === "number") return use(amount % divisor);
  const remainder = asm.local("i32");
  asm.get(amount);
  asm.i32(divisor - 1);
  asm.op("i32.and");
  asm.set(remainder);
  use(remainder);
  asm.release(remainder);
}

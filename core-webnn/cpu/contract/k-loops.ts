/**
 * The loops of a contraction along k. Around the axis that tiles step along there are others where k is
 * several axes that make no single stride (the taps of a convolution).
 */
import { advance, advanceTimes, copyOf, pushAmount, repeat, setMinimum } from "./amount.ts";
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

/**
 * Runs `body` for pieces of an axis of at most `most` points, with a and b pointing to where each piece
 * starts. A count that is known makes the inner loop up to a tenth faster (V8 in Node 20), so known
 * extents are cut evenly where that is possible.
 */
export function overPieces(
  asm: Assembler,
  { extent, aStride, bStride }: KAxis,
  most: number,
  a: Local,
  b: Local,
  body: (count: Amount, a: Local, b: Local) => void,
): void {
  const [movingA, movingB] = [copyOf(asm, a), copyOf(asm, b)];
  const piece = (count: Amount): void => {
    body(count, movingA, movingB);
    advanceTimes(asm, movingA, aStride, count);
    advanceTimes(asm, movingB, bStride, count);
  };
  // An extent of 0 is one piece of 0: what its tiles store is zero.
  const pieces = typeof extent === "number" ? Math.max(1, Math.ceil(extent / most)) : 0;
  if (typeof extent === "number" && extent % pieces === 0) {
    repeat(asm, pieces, () => piece(extent / pieces));
  } else {
    overUnevenPieces(asm, extent, most, piece);
  }
  asm.release(movingA, movingB);
}

function overUnevenPieces(
  asm: Assembler,
  extent: Amount,
  most: number,
  piece: (count: Local) => void,
): void {
  const [left, count] = [asm.local("i32"), asm.local("i32")];
  pushAmount(asm, extent);
  asm.set(left);
  asm.block((done) => {
    asm.loop((again) => {
      asm.get(left);
      asm.i32(0);
      asm.op("i32.le_s");
      asm.brIf(done);
      setMinimum(asm, count, left, most);
      piece(count);
      advance(asm, left, -most);
      asm.br(again);
    });
  });
  asm.release(left, count);
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

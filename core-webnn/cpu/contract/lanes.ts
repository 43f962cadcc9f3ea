/** Short sequences on vectors that the contraction kernels share. */
import type { Assembler, Local } from "../assembler.ts";

const zero = new Int32Array(4);

/** New locals, all lanes 0; the caller releases them. */
export function zeroVectors(asm: Assembler, count: number): Local[] {
  return Array.from({ length: count }, () => {
    const vector = asm.local("v128");
    asm.v128(zero);
    asm.set(vector);
    return vector;
  });
}

/** `sum += x * y` in f32: one rounding or two where relaxed SIMD is there. */
export function multiplyAdd(
  asm: Assembler,
  sum: Local,
  x: Local,
  y: Local,
  relaxed: boolean,
): void {
  if (relaxed) {
    for (const operand of [x, y, sum]) asm.get(operand);
    asm.op("f32x4.relaxed_madd");
  } else {
    for (const operand of [sum, x, y]) asm.get(operand);
    asm.op("f32x4.mul");
    asm.op("f32x4.add");
  }
  asm.set(sum);
}

/** `sum += x[2i] * y[2i] + x[2i+1] * y[2i+1]` of int16 lanes in int32 ones. */
export function multiplyAddPairs(asm: Assembler, sum: Local, x: Local, y: Local): void {
  for (const operand of [sum, x, y]) asm.get(operand);
  asm.op("i32x4.dot_i16x8_s");
  asm.op("i32x4.add");
  asm.set(sum);
}

export type LaneAdd = "f32x4.add" | "i32x4.add";

/** Pushes the vector of the sums of the lanes of each of four vectors. */
export function pushLaneSums(asm: Assembler, four: readonly Local[], add: LaneAdd): void {
  const [a, b, c, d] = four;
  const [ab, cd] = [pairSums(asm, a!, b!, add), pairSums(asm, c!, d!, add)];
  shuffleWords(asm, ab, cd, [0, 1, 4, 5]);
  shuffleWords(asm, ab, cd, [2, 3, 6, 7]);
  asm.op(add);
  asm.release(ab, cd);
}

/** Pushes a vector whose first lane is the sum of all lanes. */
export function pushLaneSum(asm: Assembler, vector: Local, add: LaneAdd): void {
  const half = pairSums(asm, vector, vector, add);
  shuffleWords(asm, half, half, [0, 1, 2, 3]);
  shuffleWords(asm, half, half, [2, 3, 0, 1]);
  asm.op(add);
  asm.release(half);
}

/** `[a0 + a2, b0 + b2, a1 + a3, b1 + b3]` in a new local. */
function pairSums(asm: Assembler, a: Local, b: Local, add: LaneAdd): Local {
  const sums = asm.local("v128");
  shuffleWords(asm, a, b, [0, 4, 1, 5]);
  shuffleWords(asm, a, b, [2, 6, 3, 7]);
  asm.op(add);
  asm.set(sums);
  return sums;
}

/** Pushes four 32-bit lanes chosen from a (0 to 3) and b (4 to 7). */
export function shuffleWords(asm: Assembler, a: Local, b: Local, words: readonly number[]): void {
  asm.get(a);
  asm.get(b);
  asm.shuffle(words.flatMap((word) => [0, 1, 2, 3].map((byte) => word * 4 + byte)));
}

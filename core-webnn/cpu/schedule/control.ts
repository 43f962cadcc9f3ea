/**
 * Where things lie that the schedule's WebAssembly code and the runtime around it both touch: the
 * control words that threads share, and the frame that says what a dispatch runs.
 *
 * A frame is a header, one record per step, and the steps' parameter blocks.
 */

/** Byte addresses. What different threads write at the same time lies on different cache lines. */
export const control = {
  /** i64: dispatch number (24 bits), step (20), next free chunk of that step (20). */
  claim: 64,
  /** Chunks of the current step that are complete. */
  done: 128,
  /** Threads asleep on `claim`. */
  sleepers: 192,
  /** Parked threads sleep on it; it changes when there is a dispatch or a message for them. */
  wake: 256,
  /** Messages sent to each helper so far. */
  mail: 260,
  /** Number of the dispatch that helpers may join, or 0; then its program and its frame. */
  running: 264,
  program: 268,
  frame: 272,
  /** Sleeps of 50 µs after which the leading thread gives its helpers up. */
  patience: 276,
  /** Helpers that are inside a dispatch. */
  inside: 320,
  /** 0, or what ended the dispatch early: a thread's number, or `outOfPatience`. */
  fault: 384,
} as const;

export const outOfPatience = 0x7fff_ffff;

const threadsBegin = 512;
const threadByteLength = 256;

/** Each thread's own words: the record it works on, and what it says of its trap. */
export const threadWords = {
  record: 0,
  messageByteLength: 4,
  message: 8,
  mostMessageBytes: threadByteLength - 8,
} as const;

export function threadAddress(thread: number): number {
  return threadsBegin + thread * threadByteLength;
}

export function controlByteLength(threads: number): number {
  return threadAddress(threads);
}

/** Fields of `control.claim`. */
export const claimBits = { chunk: 20, step: 20, dispatch: 24 } as const;
/** The step of a dispatch that is over. */
export const endStep = 2 ** claimBits.step - 1;
/** More chunks than any step has: none is free. */
export const noChunk = 2 ** claimBits.chunk - 1;
export const mostChunks = 2 ** (claimBits.chunk - 1);

export const header = {
  stepCount: 0,
  /** How many threads the dispatch wants. */
  threads: 4,
  /** Scratch of thread 0; thread t has its own at t * scratchStride more. */
  scratch: 8,
  scratchStride: 12,
  byteLength: 16,
} as const;

export const record = {
  /** Its slot in the module's table. */
  kernel: 0,
  /** Address of the parameter block. */
  block: 4,
  units: 8,
  unitsPerChunk: 12,
  chunkCount: 16,
  byteLength: 20,
} as const;

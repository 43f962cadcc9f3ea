/**
 * How the units of a step are grouped into chunks: what a thread claims and runs in one call.
 *
 * Large enough that claiming costs nothing beside it, small enough that threads end together and that
 * no single call stays in the engine's baseline compiler: WebAssembly has no on-stack replacement, so
 * code gets faster only from call to call.
 */
export interface Chunks {
  readonly unitsPerChunk: number;
  readonly chunkCount: number;
}

/** In the operations of `EmittedKernel.unitCost`, of which a thread does 8 to 25 in a nanosecond. */
const costs = {
  /**
   * A step that two threads share costs 0.1 to 0.7 µs more (EPYC, 2 cores, Node 20). 40 products of
   * [1, 384] by [384, 384] in a row, 1 thread 1.3 ms: 2 threads 1.2 ms with 100,000 and 0.8 with 50,000.
   */
  leastPerChunk: 50_000,
  /** 0.2 to 0.5 ms in optimised code, some 1.5 ms in the baseline compiler. */
  mostPerChunk: 4_000_000,
  /** About 50 µs: a parked helper arrives 10 µs after it is woken, at times 200. */
  leastToWakeHelpers: 500_000,
};
/** Threads rarely get equal time; the last chunk of a step is what others wait for. */
const chunksPerThread = 4;

export function chunksOf(units: number, unitCost: number, threads: number, most: number): Chunks {
  if (units <= 0) return { unitsPerChunk: 1, chunkCount: 0 };
  const cost = units * Math.max(1, unitCost);
  const shares = Math.min(units, threads * chunksPerThread, Math.floor(cost / costs.leastPerChunk));
  const evenly = threads > 1 && shares > 1 ? Math.ceil(units / shares) : units;
  const affordable = Math.max(1, Math.floor(costs.mostPerChunk / Math.max(1, unitCost)));
  const unitsPerChunk = Math.max(Math.min(evenly, affordable), Math.ceil(units / most));
  return { unitsPerChunk, chunkCount: Math.ceil(units / unitsPerChunk) };
}

/** Whether so much work in steps of several chunks is worth more than the calling thread. */
export function wantsHelpers(parallelCost: number): boolean {
  return parallelCost >= costs.leastToWakeHelpers;
}

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

/** In the operations of `EmittedKernel.unitCost`: very roughly 10 of them take a nanosecond. */
const costs = {
  /** A claim and its completion cost about 0.2 µs under contention. */
  leastPerChunk: 100_000,
  /** About 0.4 ms in optimised code, 1.5 ms in the baseline compiler. */
  mostPerChunk: 4_000_000,
  /** Waking a parked helper costs the leading thread 3 µs, and the helper arrives 10 to 50 µs later. */
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

/** Random numbers that a seed decides: the same seed gives the same numbers everywhere. */

export interface Random {
  /** Uniform in [0, 1), with 32 bits. */
  readonly uniform: () => number;
  /** Of mean 0 and deviation 1. */
  readonly normal: () => number;
}

/** The seed is any double; without one the numbers are others each time. */
export function makeRandom(seed = Math.random()): Random {
  const uniform = sfc32(new Uint32Array(Float64Array.of(seed).buffer));
  return {
    uniform,
    // Box and Muller's; 1 - u is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** "Small fast counting" of 32 bits, by Chris Doty-Humphrey (PractRand). */
function sfc32([low, high]: Uint32Array): () => number {
  let [a, b, c, counter] = [0, low! | 0, high! | 0, 1];
  const next = () => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return (result >>> 0) / 2 ** 32;
  };
  // Seeds that are alike have mixed by then.
  for (let i = 0; i < 15; i++) next();
  return next;
}

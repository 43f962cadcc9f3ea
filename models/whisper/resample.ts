/**
 * Changes the sample rate of audio without aliasing.
 *
 * Each output sample is a Kaiser-windowed sinc over the input, cut off below the lower of both Nyquist frequencies.
 * The rates are reduced to up / down, so there are `up` different sets of weights (phases); those in use are kept.
 */

/**
 * As parts of the lower Nyquist frequency: flat up to 0.8, half at 0.9, 80 dB down from 1 on (Kaiser's formulas for
 * this window and this many zero crossings of the sinc on each side).
 */
const halfPoint = 0.9;
const kaiserBeta = 8;
const crossings = 24;

export interface Rates {
  readonly from: number;
  readonly to: number;
}

/** Both rates are positive integers. */
export function resample(samples: Float32Array, { from, to }: Rates): Float32Array {
  if (from === to) return samples;
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const out = new Float32Array(Math.ceil((samples.length * up) / down));
  const filter = createFilter(up, down);
  for (let i = 0; i < out.length; i++) {
    const centre = Math.floor((i * down) / up);
    out[i] = weightedSum(samples, centre - filter.reach, filter.phase((i * down) % up));
  }
  return out;
}

interface Filter {
  /** Input samples looked at on each side. */
  readonly reach: number;
  /** Weights of the 2 * reach + 1 inputs around an output that lies `numerator / up` after the middle one. */
  phase(numerator: number): Float64Array;
}

function createFilter(up: number, down: number): Filter {
  const cutoff = halfPoint * Math.min(1, up / down);
  const halfWidth = crossings / cutoff;
  const reach = Math.ceil(halfWidth);
  const phases = new Map<number, Float64Array>();

  function design(numerator: number): Float64Array {
    const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
      const distance = i - reach - numerator / up;
      return sinc(cutoff * distance) * kaiser(distance / halfWidth);
    });
    // Each phase passes a constant unchanged; without this, phases differ by their rounding and hum.
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
  }

  return {
    reach,
    phase(numerator) {
      const known = phases.get(numerator);
      if (known !== undefined) return known;
      const weights = design(numerator);
      phases.set(numerator, weights);
      return weights;
    },
  };
}

/** Silence lies before and after the clip. */
function weightedSum(samples: Float32Array, start: number, weights: Float64Array): number {
  const first = Math.max(0, -start);
  const end = Math.min(weights.length, samples.length - start);
  let sum = 0;
  for (let i = first; i < end; i++) sum += weights[i]! * samples[start + i]!;
  return sum;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(kaiserBeta * Math.sqrt(1 - x * x)) / besselI0(kaiserBeta);
}

/** The modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * The discrete Fourier transform of any length, in float64: X[j] = sum over k of x[k] e^(-2 pi i j k / n).
 *
 * Stockham's self-sorting form with mixed radix, because Whisper's frames have 400 = 4 * 4 * 5 * 5 samples and the
 * FFT packages on npm take powers of two only. All twiddles come from one table: with `m` points left after this
 * radix, w_radix^(jk) * w_length^(pj) = w_length^(j (k m + p)).
 */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export interface Fft {
  /** Transforms in place. */
  transform(signal: Complex): void;
}

export function createFft(length: number): Fft {
  const radices = smallFactors(length);
  const twiddles = unitRoots(length);
  const spare = { re: new Float64Array(length), im: new Float64Array(length) };
  return {
    transform(signal) {
      let from: Complex = signal;
      let to: Complex = spare;
      let stride = 1;
      for (const radix of radices) {
        runStage({ from, to, twiddles, length: length / stride, radix, stride });
        [from, to] = [to, from];
        stride *= radix;
      }
      if (from !== signal) {
        signal.re.set(from.re);
        signal.im.set(from.im);
      }
    },
  };
}

interface Stage {
  readonly from: Complex;
  readonly to: Complex;
  readonly twiddles: Complex;
  /** Points of the transforms that are left, of which there are `stride`, interleaved. */
  readonly length: number;
  readonly radix: number;
  readonly stride: number;
}

function runStage({ from, to, twiddles, length, radix, stride }: Stage): void {
  const m = length / radix;
  to.re.fill(0);
  to.im.fill(0);
  for (let p = 0; p < m; p++) {
    for (let j = 0; j < radix; j++) {
      const target = stride * (radix * p + j);
      for (let k = 0; k < radix; k++) {
        const source = stride * (p + m * k);
        const turn = ((j * (k * m + p)) % length) * stride;
        const c = twiddles.re[turn]!;
        const s = twiddles.im[turn]!;
        for (let q = 0; q < stride; q++) {
          const re = from.re[source + q]!;
          const im = from.im[source + q]!;
          to.re[target + q]! += re * c - im * s;
          to.im[target + q]! += re * s + im * c;
        }
      }
    }
  }
}

/** Prime factors, with pairs of twos joined to fours: fewer passes over the data. */
function smallFactors(length: number): number[] {
  const factors: number[] = [];
  let rest = length;
  for (let factor = 4; rest > 1; factor = factor === 4 ? 2 : factor === 2 ? 3 : factor + 2) {
    while (rest % factor === 0) {
      factors.push(factor);
      rest /= factor;
    }
  }
  return factors;
}

function unitRoots(length: number): Complex {
  const angle = (k: number) => (-2 * Math.PI * k) / length;
  return {
    re: Float64Array.from({ length }, (_, k) => Math.cos(angle(k))),
    im: Float64Array.from({ length }, (_, k) => Math.sin(angle(k))),
  };
}

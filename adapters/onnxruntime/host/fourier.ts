/** The discrete Fourier transform in float64, by the prime factors of its length. */

/** Complex numbers: real parts and imaginary parts. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export function makeComplex(length: number): Complex {
  return { re: new Float64Array(length), im: new Float64Array(length) };
}

/** Σ x[j] · e^(sign · 2πi · jk / n) for every k. */
export function transform(x: Complex, sign: 1 | -1): Complex {
  const n = x.re.length;
  if (n <= 1) return x;
  const factor = smallestFactor(n);
  const length = n / factor;
  // The transforms of every factor-th element, then their sums with the roots of unity.
  const parts = Array.from({ length: factor }, (_, first) => {
    const part = makeComplex(length);
    for (let j = 0; j < length; j++) {
      part.re[j] = x.re[first + j * factor]!;
      part.im[j] = x.im[first + j * factor]!;
    }
    return transform(part, sign);
  });
  const result = makeComplex(n);
  for (let k = 0; k < n; k++) {
    parts.forEach(({ re, im }, first) => {
      const angle = (sign * 2 * Math.PI * ((first * k) % n)) / n;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const at = k % length;
      result.re[k]! += re[at]! * cos - im[at]! * sin;
      result.im[k]! += re[at]! * sin + im[at]! * cos;
    });
  }
  return result;
}

function smallestFactor(n: number): number {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return factor;
  return n;
}

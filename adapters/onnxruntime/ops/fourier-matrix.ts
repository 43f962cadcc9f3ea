/** Matrices of cosines and sines: a short Fourier transform is a product with one. */
import { bytesOfArray } from "../host/array.ts";
import { arrayOfNumbers } from "../host/array-round.ts";
import type { Constant } from "../model/model.ts";

/** A transform of `length` points: which are given, which are wanted, and with how many parts each. */
export interface MatrixForm {
  readonly length: number;
  /** Points that are given: the first ones; what lies behind is 0. */
  readonly given: number;
  readonly wanted: number;
  /** 2 where numbers are complex, 1 where they are real. */
  readonly givenParts: number;
  readonly wantedParts: number;
  readonly sign: 1 | -1;
  readonly scale: number;
  /** The given points are one half of a spectrum whose other half mirrors them. */
  readonly isHalf?: boolean;
}

/** [given · parts, wanted · parts]: what each part of each given point adds to each part of each wanted one. */
export function fourierMatrix(form: MatrixForm): Constant {
  const { length, given, wanted, givenParts, wantedParts, sign, scale, isHalf = false } = form;
  const columns = wanted * wantedParts;
  const weights = new Float64Array(given * givenParts * columns);
  for (let j = 0; j < given; j++) {
    const isMirrored = isHalf && j > 0 && 2 * j !== length;
    const weight = isMirrored ? 2 * scale : scale;
    for (let k = 0; k < wanted; k++) {
      // Of j · k only what lies within the period, so that large angles are exact.
      const angle = (2 * Math.PI * ((j * k) % length)) / length;
      const [cos, sin] = [weight * Math.cos(angle), sign * weight * Math.sin(angle)];
      // (re + i·im) · (cos + i·sin)
      const parts = [
        [cos, sin],
        [-sin, cos],
      ];
      for (let from = 0; from < givenParts; from++) {
        for (let to = 0; to < wantedParts; to++) {
          weights[(j * givenParts + from) * columns + k * wantedParts + to] = parts[from]![to]!;
        }
      }
    }
  }
  return floats([given * givenParts, columns], weights);
}

/** The factors e^(sign · 2πi · jk / (rows · columns)), [rows, columns, 1]: cosines and sines. */
export function twiddles(rows: number, columns: number, sign: 1 | -1): readonly Constant[] {
  const length = rows * columns;
  const angles = Float64Array.from(
    { length },
    (_, i) => (sign * 2 * Math.PI * (Math.floor(i / columns) * (i % columns))) / length,
  );
  return [Math.cos, Math.sin].map((f) => floats([rows, columns, 1], angles.map(f)));
}

/** The window of each bin's cosine and sine as a filter, [bins · 2, parts of the signal, 1, length]. */
export function frameFilter(length: number, bins: number, parts: number): Constant {
  const weights = new Float64Array(bins * 2 * parts * length);
  for (let bin = 0; bin < bins; bin++) {
    for (let n = 0; n < length; n++) {
      const angle = (2 * Math.PI * ((bin * n) % length)) / length;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      // (re + i·im) · (cos − i·sin)
      const rows = [
        [cos, sin],
        [-sin, cos],
      ];
      for (let to = 0; to < 2; to++) {
        for (let from = 0; from < parts; from++) {
          weights[((bin * 2 + to) * parts + from) * length + n] = rows[to]![from]!;
        }
      }
    }
  }
  return floats([bins * 2, parts, 1, length], weights);
}

function floats(shape: readonly number[], numbers: Float64Array): Constant {
  const bytes = bytesOfArray(arrayOfNumbers("float32", shape, numbers));
  return { name: "", type: "float32", shape, bytes };
}

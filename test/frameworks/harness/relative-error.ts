/** How far values are from those of an oracle, relative to the largest of these: what rounding in another order explains. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let error = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    // NaN is no small error.
    if (!(difference >= 0)) return Infinity;
    error = Math.max(error, difference);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return error === 0 ? 0 : error / largest;
}

/** The root of the mean square of the differences, relative to that of the oracle: for errors that add up as noise does. */
export function relativeNoise(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let error = 0;
  let all = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i]! - expected[i]!) ** 2;
    all += expected[i]! ** 2;
  }
  // NaN is no small error.
  return error >= 0 ? Math.sqrt(error / all) : Infinity;
}

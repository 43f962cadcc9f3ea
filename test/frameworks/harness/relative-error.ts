/** How far values are from those of an oracle, relative to the largest of these: what rounding in another order explains. */
export function relativeError(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  const largest = Math.max(...expected.map(Math.abs));
  const errors = expected.map((value, i) => Math.abs(actual[i]! - value) / largest);
  // NaN is no small error.
  return errors.every((error) => error >= 0) ? Math.max(...errors) : Infinity;
}

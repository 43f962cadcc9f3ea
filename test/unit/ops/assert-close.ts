/** Compares computed values with a float64 reference in units of the last place of their type. */
import assert from "node:assert/strict";
import { isFloat, type StorageType } from "../../../core-webnn/util/data-type.ts";
import type { Numeric } from "./run-graph.ts";

/**
 * Two NaNs are equal, infinities must be, and integers must be exact. `magnitude` is the size of the
 * terms where a sum may cancel: units are then at least of that size.
 */
export function assertClose(
  dataType: StorageType,
  actual: readonly Numeric[],
  expected: readonly Numeric[],
  ulp: number,
  what: string,
  magnitude = 0,
): void {
  assert.equal(actual.length, expected.length, `${what}: element count`);
  actual.forEach((value, i) => {
    const wanted = expected[i]!;
    const message = `${what} [${i}]: ${value}, not ${wanted}`;
    if (!isFloat(dataType)) return assert.equal(BigInt(value), BigInt(wanted), message);
    const [x, y] = [Number(value), Number(wanted)];
    const isSame = Object.is(x, y) || x === y;
    assert.ok(
      isSame || Math.abs(x - y) <= ulp * unitOf(dataType, Math.max(magnitude, Math.abs(y))),
      message,
    );
  });
}

/** The gap between neighbouring values at x; NaN for NaN, so that nothing is near it. */
export function unitOf(dataType: StorageType, x: number): number {
  const [digits, least] = dataType === "float16" ? [10, -24] : [23, -149];
  if (x === 0) return 2 ** least;
  const exponent = Math.floor(Math.log2(Math.abs(x)));
  return Math.max(2 ** (exponent - digits), 2 ** least);
}

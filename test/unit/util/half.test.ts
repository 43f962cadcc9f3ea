/** Half floats against their definition: values as fractions of powers of two, ties by enumeration. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHalf, roundEven, toHalf } from "../../../core-webnn/util/half.ts";

test("every half survives the round trip, and NaN becomes quiet", () => {
  for (let bits = 0; bits < 2 ** 16; bits++) {
    const isNaN = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    assert.equal(toHalf(fromHalf(bits)), isNaN ? 0x7e00 : bits, `bits ${bits}`);
  }
});

test("between two halves the nearest is taken, in the middle the even one", () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [fromHalf(bits), fromHalf(bits + 1)];
    const tie = (low + high) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    assert.equal(toHalf(tie), even, `tie after ${low}`);
    assert.equal(toHalf(tie * (1 - 2 ** -52)), bits, `below the tie after ${low}`);
    assert.equal(toHalf(tie * (1 + 2 ** -52)), bits + 1, `above the tie after ${low}`);
    assert.equal(toHalf(-tie), even | 0x8000);
  }
});

const rows: readonly (readonly [x: number, bits: number])[] = [
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65519.99, 0x7bff],
  [65520, 0x7c00],
  [-1e10, 0xfc00],
  [Infinity, 0x7c00],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [2 ** -25 * (1 + 2 ** -23), 0x0001],
  [2 ** -14, 0x0400],
  [2 ** -149, 0x0000],
  // Rounding to float32 first would make this a tie.
  [1 + 2 ** -11 + 2 ** -40, 0x3c01],
];
for (const [x, bits] of rows) {
  test(`${x} is half 0x${bits.toString(16)}`, () => assert.equal(toHalf(x), bits));
}

test("halves read as their definition says", () => {
  assert.equal(fromHalf(0x3555), 0x555 * 2 ** -12);
  assert.equal(fromHalf(0x83ff), -1023 * 2 ** -24);
  assert.equal(fromHalf(0xfc00), -Infinity);
  assert.ok(Number.isNaN(fromHalf(0x7c01)));
});

test("roundEven keeps signs, ties go to even, large numbers stay", () => {
  const pairs = [[0.5, 0], [1.5, 2], [2.5, 2], [-0.5, -0], [-1.5, -2], [-0.2, -0], [0.50001, 1],
    [2 ** 52 + 1, 2 ** 52 + 1], [-Infinity, -Infinity], [NaN, NaN]] as const; // prettier-ignore
  for (const [x, expected] of pairs) assert.equal(roundEven(x), expected, `roundEven(${x})`);
});

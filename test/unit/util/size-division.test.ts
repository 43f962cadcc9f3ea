/** Exact division of sizes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addSizes,
  divideExactly,
  floorDivideSizes,
  multiplySizes,
  named,
  sizeKey,
  subtractSizes,
  type Size,
} from "../../../core-webnn/util/size.ts";

const [past, n] = [named({ name: "past" }), named({ name: "n" })];
const next = addSizes(past, 1);

const exact: readonly (readonly [a: Size, b: Size, quotient: Size | undefined])[] = [
  [12, 4, 3],
  [12, 5, undefined],
  [0, next, 0],
  [multiplySizes(6, next), next, 6],
  [multiplySizes(384, next), multiplySizes(64, next), 6],
  [multiplySizes(n, next, 64), multiplySizes(next, 64), n],
  [multiplySizes(next, next), next, next],
  [
    multiplySizes(subtractSizes(n, past), addSizes(n, past)),
    addSizes(n, past),
    subtractSizes(n, past),
  ],
  [multiplySizes(addSizes(n, past), addSizes(n, next)), addSizes(n, next), addSizes(n, past)],
  [multiplySizes(6, past), next, undefined],
  [addSizes(multiplySizes(6, next), 1), next, undefined],
  [multiplySizes(3, next), multiplySizes(2, next), undefined],
  [next, past, undefined],
  [6, n, undefined],
];
for (const [a, b, quotient] of exact) {
  test(`(${sizeKey(a)}) / (${sizeKey(b)})`, () => {
    const got = divideExactly(a, b);
    assert.equal(got && sizeKey(got), quotient && sizeKey(quotient));
  });
}

test("floor-division takes out a divisor that is a sum", () => {
  assert.equal(sizeKey(floorDivideSizes(multiplySizes(64, next), next)), "64");
});

/** Which elements come first: NaN after all numbers, the lower index before the higher. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compareElements, firstElements } from "../../../adapters/onnxruntime/host/order.ts";
import { noise } from "./cases/make-case.ts";

describe("the order of elements", () => {
  it("is that of numbers, then NaN", () => {
    const sorted = [NaN, 1, -Infinity, NaN, -0, 0, Infinity].sort(compareElements);
    assert.deepEqual(sorted, [-Infinity, -0, 0, 1, Infinity, NaN, NaN]);
    assert.equal(compareElements(NaN, NaN), 0);
    assert.equal(compareElements(-(2n ** 63n), 2n ** 62n), -1);
  });

  it("finds the same first elements as sorting all, with many ties and NaN", () => {
    for (const count of [0, 1, 2, 3, 16, 99, 100]) {
      const values = noise(300, 8, count + 1).map((x) => (x > 7 ? NaN : Math.round(x)));
      // A row of every third element.
      const row = { start: 1, step: 3, size: 100 };
      const at = (i: number) => values[row.start + i * row.step]!;
      const all = Array.from({ length: row.size }, (_, i) => i);
      const expected = all.sort((a, b) => compareElements(at(a), at(b)) || a - b).slice(0, count);
      assert.deepEqual([...firstElements(values, row, count, compareElements)], expected);
    }
  });
});

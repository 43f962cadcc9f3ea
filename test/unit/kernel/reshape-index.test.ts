/** Leading an index through a reshape: the same element, and no division of what both shapes share. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { axisAddress, constant, reshapeIndex } from "../../../core-webnn/kernel/address.ts";
import { printAddress } from "../../../core-webnn/kernel/print.ts";
import { multiplySizes, named, type Size } from "../../../core-webnn/util/size.ts";

const shapes: readonly (readonly number[])[] = [
  [2, 12],
  [2, 3, 4],
  [24],
  [1, 24, 1],
  [4, 3, 2],
  [2, 1, 12],
  [2, 2, 3, 2],
  [6, 4],
];

test("every element stands at its row-major place in the other shape", () => {
  for (const from of shapes) {
    for (const to of shapes) {
      for (let element = 0; element < 24; element++) {
        const index = indexOf(element, from).map(constant);
        const expected = indexOf(element, to).map(constant);
        assert.deepEqual(reshapeIndex(index, from, to), expected, `${from} to ${to}, ${element}`);
      }
    }
  }
});

function indexOf(element: number, shape: readonly number[]): number[] {
  let rest = element;
  return shape
    .toReversed()
    .map((size) => {
      const at = rest % size;
      rest = Math.floor(rest / size);
      return at;
    })
    .toReversed();
}

const n = named({ name: "n" });
const splits: readonly {
  readonly why: string;
  readonly from: readonly Size[];
  readonly to: readonly Size[];
  readonly index: string;
}[] = [
  { why: "a dimension of 1 more", from: [n, 6], to: [1, n, 6], index: "0, i0, i1" },
  { why: "heads", from: [1, n, 6], to: [1, n, 2, 3], index: "0, i1, floor(i2 / 3), mod(i2, 3)" },
  { why: "heads joined", from: [1, n, 2, 3], to: [1, n, 6], index: "0, i1, 3*i2 + i3" },
  {
    why: "a batch joined",
    from: [n, 4, 5],
    to: [multiplySizes(n, 4), 5],
    index: "4*i0 + i1, i2",
  },
];

for (const { why, from, to, index } of splits) {
  test(`${why} divides nothing else`, () => {
    const axes = from.map((extent, d) => axisAddress({ name: `i${d}`, extent }));
    assert.equal(reshapeIndex(axes, from, to).map(printAddress).join(", "), index);
  });
}

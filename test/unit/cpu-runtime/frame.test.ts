/** What is computed for each set of sizes: values, chunks, and frames that are reused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chunksOf, wantsHelpers } from "../../../core-webnn/cpu/runtime/chunks.ts";
import { SizeTable } from "../../../core-webnn/cpu/runtime/size-table.ts";
import {
  addSizes,
  evaluateSize,
  floorDivideSizes,
  multiplySizes,
  named,
  subtractSizes,
  type Size,
} from "../../../core-webnn/util/size.ts";

const past = named({ name: "past", maxSize: 448 });
const batch = named({ name: "batch" });

const expressions: readonly Size[] = [
  0,
  17,
  past,
  batch,
  addSizes(past, 1),
  multiplySizes(6, batch, addSizes(past, 1)),
  subtractSizes(multiplySizes(past, past), batch),
  floorDivideSizes(addSizes(past, 7), 8),
  floorDivideSizes(subtractSizes(past, 30), 4),
  addSizes(floorDivideSizes(subtractSizes(past, 30), 4), multiplySizes(3, batch)),
  floorDivideSizes(addSizes(multiplySizes(batch, past), 5), addSizes(batch, 1)),
  multiplySizes(floorDivideSizes(addSizes(floorDivideSizes(past, 2), 1), 2), batch),
];

test("a table of sizes gives what evaluateSize gives", () => {
  const table = new SizeTable(["batch", "past"]);
  const slots = expressions.map((size) => table.slotOf(size));
  for (const sizes of [
    { past: 0, batch: 0 },
    { past: 1, batch: 1 },
    { past: 447, batch: 3 },
  ]) {
    const values = table.evaluate(sizes);
    expressions.forEach((size, i) => {
      assert.equal(values[slots[i]!], evaluateSize(size, sizes), `expression ${i}`);
    });
  }
});

test("equal sizes share a slot, and parts of sizes are found again", () => {
  const table = new SizeTable(["batch", "past"]);
  assert.equal(table.slotOf(past), 1);
  const slot = table.slotOf(addSizes(past, 1));
  assert.equal(table.slotOf(subtractSizes(addSizes(past, 3), 2)), slot);
  const quotient = table.slotOf(floorDivideSizes(addSizes(past, 7), 8));
  const count = table.slotCount;
  assert.equal(table.slotOf(floorDivideSizes(addSizes(past, 7), 8)), quotient);
  table.slotOf(addSizes(past, 7));
  table.slotOf(8);
  assert.equal(table.slotCount, count);
});

test("a name that the program does not give is refused", () => {
  assert.throws(() => new SizeTable(["batch"]).slotOf(past), {
    name: "RangeError",
    message: "the size 'past' is not among the program's: batch",
  });
});

test("chunks cover all units, end together, and stay within their cost", () => {
  for (const units of [1, 2, 7, 188, 1500, 100_000]) {
    for (const unitCost of [1, 50, 4_000, 1_000_000, 9_000_000]) {
      for (const threads of [1, 2, 8]) {
        const { unitsPerChunk, chunkCount } = chunksOf(units, unitCost, threads, 1 << 19);
        const says = `${units} units of ${unitCost} on ${threads}`;
        assert.ok(chunkCount * unitsPerChunk >= units, says);
        assert.ok((chunkCount - 1) * unitsPerChunk < units, says);
        assert.ok(unitsPerChunk === 1 || unitsPerChunk * unitCost <= 4_000_000, says);
        const isWorthSharing = threads > 1 && units > 1 && units * unitCost >= 100_000;
        if (isWorthSharing) assert.ok(chunkCount > 1, says);
        else if (units * unitCost <= 4_000_000) assert.equal(chunkCount, 1, says);
      }
    }
  }
});

test("there are never more chunks than can be claimed", () => {
  assert.deepEqual(chunksOf(1_000_000, 9_000_000, 4, 1000), {
    unitsPerChunk: 1000,
    chunkCount: 1000,
  });
  assert.deepEqual(chunksOf(0, 100, 4, 1000), { unitsPerChunk: 1, chunkCount: 0 });
});

test("little work is not worth waking anybody", () => {
  assert.equal(wantsHelpers(100_000), false);
  assert.equal(wantsHelpers(10_000_000), true);
});

/** Plans that serve many sizes: few of them, and never too small. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ArenaPlans, roundUp } from "../../../core-webnn/plan/arena-plans.ts";
import type { Arena } from "../../../core-webnn/plan/arena.ts";
import type { Program, Step } from "../../../core-webnn/plan/program.ts";
import {
  addSizes,
  evaluateSize,
  floorDivideSizes,
  multiplySizes,
  named,
  subtractSizes,
  type Size,
  type Sizes,
} from "../../../core-webnn/util/size.ts";

const past = named({ name: "past", maxSize: 448 });
const batch = named({ name: "batch" });

/** All buffers live at once, in one step. */
function program(elementCounts: readonly Size[]): Program {
  const use = { dataType: "uint8", elementCount: 0, access: "write" } as const;
  const step: Step = {
    kernel: { buffers: elementCounts.map(() => use), space: [], body: [] },
    buffers: [...elementCounts.keys()],
    nodes: [],
  };
  return {
    buffers: elementCounts.map((elementCount) => ({
      dataType: "uint8",
      elementCount,
      place: { kind: "arena" },
    })),
    prepare: [],
    steps: [step],
    inputs: [],
    outputs: [],
    sizeNames: ["past", "batch"],
  };
}

/** Buffers of these sizes lie apart and inside. */
function assertFits(counts: readonly Size[], arena: Arena, sizes: Sizes): void {
  const ranges = counts.map((count, i) => {
    const begin = arena.offsets[i]!;
    return { begin, end: begin + evaluateSize(count, sizes) };
  });
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  ranges.forEach(({ begin }, i) => assert.ok(i === 0 || ranges[i - 1]!.end <= begin));
  assert.ok(ranges.at(-1)!.end <= arena.byteLength, JSON.stringify(sizes));
}

test("sizes are rounded up by less than a quarter, small ones not at all", () => {
  for (let size = 0; size < 5000; size++) {
    const rounded = roundUp(size);
    assert.ok(rounded >= size && rounded <= size * 1.25);
    assert.equal(roundUp(rounded), rounded);
    if (size < 8) assert.equal(rounded, size);
  }
});

test("a decoder's tokens share few plans, and every buffer fits", () => {
  const counts = [past, multiplySizes(6, 64, addSizes(past, 1)), multiplySizes(batch, past, past)];
  const plans = new ArenaPlans(program(counts), 64);
  const distinct = new Set<Arena>();
  for (let p = 0; p <= 448; p++) {
    const sizes = { past: p, batch: 2 };
    const { arena } = plans.planFor(sizes);
    distinct.add(arena);
    assertFits(counts, arena, sizes);
  }
  assert.ok(distinct.size < 40, `${distinct.size} plans`);
});

test("a size that some buffer shrinks with is not rounded", () => {
  const counts = [subtractSizes(1000, past), batch];
  const plans = new ArenaPlans(program(counts), 64);
  for (const p of [0, 9, 99, 100, 447]) {
    const sizes = { past: p, batch: 99 };
    const plan = plans.planFor(sizes);
    assertFits(counts, plan.arena, sizes);
    assert.deepEqual(plan.sizes, { past: p, batch: 112 });
  }
});

test("quotients and products of what may be negative are not taken for growing", () => {
  const half = floorDivideSizes(subtractSizes(past, 30), 4);
  const rows: readonly (readonly [Size, Sizes])[] = [
    [addSizes(half, 10), { past: 112, batch: 112 }],
    [addSizes(multiplySizes(half, batch), 5000), { past: 100, batch: 100 }],
    [floorDivideSizes(1000, addSizes(past, 1)), { past: 100, batch: 112 }],
  ];
  for (const [count, rounded] of rows) {
    const plan = new ArenaPlans(program([count, past, batch]), 64).planFor({
      past: 100,
      batch: 100,
    });
    assert.deepEqual(plan.sizes, rounded);
  }
});

test("no size is rounded beyond its maximum, nor below what it is", () => {
  const plans = new ArenaPlans(program([past]), 64);
  assert.deepEqual(plans.planFor({ past: 447, batch: 1 }).sizes, { past: 448, batch: 1 });
  assert.deepEqual(plans.planFor({ past: 1000, batch: 1 }).sizes, { past: 1000, batch: 1 });
});

test("equal sizes give the same plan", () => {
  const plans = new ArenaPlans(program([past]), 64);
  assert.equal(plans.planFor({ past: 97, batch: 1 }), plans.planFor({ past: 112, batch: 1 }));
});

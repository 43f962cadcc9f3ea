/** Plans of arenas: never two live buffers in one place, and as small as hand-made plans. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { planArena, type Arena } from "../../../core-webnn/plan/arena.ts";
import type { BufferSpec, Place, Program, Step } from "../../../core-webnn/plan/program.ts";
import { byteLengthOf } from "../../../core-webnn/util/data-type.ts";
import {
  addSizes,
  evaluateSize,
  named,
  type Size,
  type Sizes,
} from "../../../core-webnn/util/size.ts";

const alignment = 64;

/** A step that reads and writes; what it computes does not matter to a plan. */
function step(reads: readonly number[], writes: readonly number[]): Step {
  const use = (access: "read" | "write") =>
    ({ dataType: "uint8", elementCount: 0, access }) as const;
  const buffers = [...reads.map(() => use("read")), ...writes.map(() => use("write"))];
  const kernel: Kernel = { buffers, space: [], body: [] };
  return { kernel, buffers: [...reads, ...writes], nodes: [] };
}

function program(elementCounts: readonly Size[], steps: readonly Step[]): Program {
  const buffers: BufferSpec[] = elementCounts.map((elementCount) => ({
    dataType: "uint8",
    elementCount,
    place: { kind: "arena" },
  }));
  return { buffers, prepare: [], steps, inputs: [], outputs: [], sizeNames: [] };
}

/** A chain: step i reads buffer i - 1 and writes buffer i. */
function chain(elementCounts: readonly Size[]): Program {
  return program(
    elementCounts,
    elementCounts.map((_, i) => step(i === 0 ? [] : [i - 1], [i])),
  );
}

/** Checks by the definition, step by step: all that is live at a step lies apart and inside. */
function assertSound({ buffers, steps }: Program, arena: Arena, sizes: Sizes = {}): void {
  const used = steps.map((s) => s.buffers);
  steps.forEach((_, at) => {
    const live = buffers.flatMap((spec, buffer) => {
      const first = used.findIndex((list) => list.includes(buffer));
      const last = used.findLastIndex((list) => list.includes(buffer));
      if (spec.place.kind !== "arena" || first < 0 || at < first || at > last) return [];
      const begin = arena.offsets[buffer]!;
      return [
        { begin, end: begin + byteLengthOf(spec.dataType, evaluateSize(spec.elementCount, sizes)) },
      ];
    });
    live.sort((a, b) => a.begin - b.begin);
    live.forEach(({ begin, end }, i) => {
      assert.equal(begin % alignment, 0);
      assert.ok(end <= arena.byteLength);
      if (i > 0) assert.ok(live[i - 1]!.end <= begin, `step ${at}: buffers overlap`);
    });
  });
}

test("a chain needs no more than its two largest neighbours", () => {
  const p = chain([64, 640, 320, 64, 64]);
  const arena = planArena(p, {}, alignment);
  assertSound(p, arena);
  assert.equal(arena.byteLength, 960);
});

test("what is read and written in one step lies apart, also in the last", () => {
  const arena = planArena(chain([100, 100]), {}, alignment);
  assert.deepEqual([...arena.offsets].sort(), [0, 128]);
  assert.equal(arena.byteLength, 256);
});

test("a residual that lives across steps is kept", () => {
  const p = program(
    [64, 64, 64, 64],
    [step([], [0]), step([0], [1]), step([1], [2]), step([0, 2], [3])],
  );
  const arena = planArena(p, {}, alignment);
  assertSound(p, arena);
  assert.equal(arena.byteLength, 192);
});

test("a buffer that two steps write lives from the first of them", () => {
  const p = program(
    [128, 64, 64],
    [step([], [0]), step([], [1]), step([1], [0, 2]), step([0, 2], [])],
  );
  assertSound(p, planArena(p, {}, alignment));
});

test("buffers elsewhere have offset -1 and take no room; empty and unused ones take none", () => {
  const p = program([64, 64, 0, 1 << 20], [step([0, 1], [2])]);
  const places: Place[] = [
    { kind: "input", name: "a" },
    { kind: "constant", key: "w" },
  ];
  const buffers = p.buffers.map((b, i) => ({ ...b, place: places[i] ?? b.place }));
  const arena = planArena({ ...p, buffers }, {}, alignment);
  assert.deepEqual(arena.offsets, [-1, -1, 0, 0]);
  assert.equal(arena.byteLength, 0);
});

test("sizes are taken from the dispatch, and types count in bits", () => {
  const past = named({ name: "past" });
  const p = chain([addSizes(past, 1), past]);
  const buffers = p.buffers.map((b) => ({ ...b, dataType: "int4" as const }));
  const small = planArena({ ...p, buffers }, { past: 100 }, alignment);
  assert.equal(small.byteLength, 128); // 51 and 50 bytes
  const large = planArena({ ...p, buffers }, { past: 1000 }, alignment);
  assertSound({ ...p, buffers }, large, { past: 1000 });
  assert.equal(large.byteLength, 1024);
});

test("a plan of negative or overflowing sizes is refused by name", () => {
  const n = named({ name: "n" });
  assert.throws(() => planArena(chain([addSizes(n, -5)]), { n: 3 }, alignment), {
    name: "RangeError",
    message: "buffer 0 would have -2 elements of uint8",
  });
  assert.throws(() => planArena(chain([n]), { n: 2 ** 52 }, alignment), RangeError);
});

test("a read of what nothing wrote is our mistake and says where", () => {
  assert.throws(() => planArena(program([64], [step([0], [])]), {}, alignment), /step 0.*buffer 0/);
});

test("random programs are sound and not much above what is live at once", () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let round = 0; round < 30; round++) {
    const counts = Array.from({ length: 60 }, () => 1 + random(5000));
    const steps = counts.map((_, i) =>
      step(i === 0 ? [] : [i - 1, Math.max(0, i - 1 - random(8))].slice(0, 1 + random(2)), [i]),
    );
    const p = program(counts, steps);
    const arena = planArena(p, {}, alignment);
    assertSound(p, arena);
    assert.ok(arena.byteLength <= 1.5 * mostLiveBytes(p));
  }
});

test("thousands of buffers are placed as tightly", () => {
  const p = chain(Array.from({ length: 4000 }, (_, i) => 1 + ((i * 7919) % 100_000)));
  const arena = planArena(p, {}, alignment);
  assert.ok(arena.byteLength <= 300_000);
});

/** A bound that no plan can go below. */
function mostLiveBytes({ buffers, steps }: Program): number {
  const totals = steps.map((_, at) =>
    buffers.reduce((total, { elementCount }, buffer) => {
      const first = steps.findIndex((s) => s.buffers.includes(buffer));
      const last = steps.findLastIndex((s) => s.buffers.includes(buffer));
      return first <= at && at <= last ? total + Number(elementCount) : total;
    }, 0),
  );
  return Math.max(...totals);
}

/** Graphs at the edges: outputs that compute nothing, share bytes or come twice, and graphs without inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../../core-webnn/graph/ir.ts";
import { named, type Sizes } from "../../../core-webnn/util/size.ts";
import { cpuLikeFacts } from "../../reference/interpreter-device.ts";
import { compileChecked } from "../../reference/run-on-devices.ts";
import { sketch, type Sketch } from "../../reference/sketch.ts";
import { expectOutputs } from "./expect.ts";
import { appended, total } from "./spelled-out.ts";

const x = [1, -2, 3, -4, 5, -6];
const negated = x.map((value) => -value);

interface Outputs {
  readonly why: string;
  readonly make: (g: Sketch, input: Value) => Readonly<Record<string, Value>>;
  readonly expected: Readonly<Record<string, readonly number[]>>;
}

const reshaped = (g: Sketch, input: Value): Value => g.op("reshape", { input, newShape: [3, 2] });
const turned = (g: Sketch, input: Value): Value => g.op("transpose", { input });

const graphs: readonly Outputs[] = [
  { why: "an input is an output", make: (_, input) => ({ y: input }), expected: { y: x } },
  {
    why: "an input is an output twice, and computed with",
    make: (g, input) => ({ y: input, z: input, w: g.op("neg", { input }) }),
    expected: { y: x, z: x, w: negated },
  },
  {
    why: "a constant is an output",
    make: (g) => ({ y: g.constant("float32", [2], [7, 8]), z: g.scalar("float32", 0.5, 1) }),
    expected: { y: [7, 8], z: [0.5] },
  },
  {
    why: "a view of an input is an output",
    make: (g, input) => ({ y: reshaped(g, input), z: g.op("identity", { input }) }),
    expected: { y: x, z: x },
  },
  {
    why: "outputs are views of one computed value",
    make: (g, input) => {
      const y = g.op("neg", { input });
      const z = reshaped(g, y);
      return { y, z, w: g.op("reshape", { input: z, newShape: [6] }) };
    },
    expected: { y: negated, z: negated, w: negated },
  },
  {
    why: "only a view of a computed value is an output",
    make: (g, input) => ({ y: reshaped(g, g.op("neg", { input })) }),
    expected: { y: negated },
  },
  {
    why: "one value has two names",
    make: (g, input) => {
      const y = g.op("neg", { input });
      return { y, z: y };
    },
    expected: { y: negated, z: negated },
  },
  {
    why: "equal nodes are outputs",
    make: (g, input) => ({ y: g.op("neg", { input }), z: g.op("neg", { input }) }),
    expected: { y: negated, z: negated },
  },
  {
    why: "an output is read by what follows it",
    make: (g, input) => {
      const y = turned(g, input);
      const z = g.op("reduceSum", { input: y, axes: [1] });
      return { y, z, w: g.op("sub", { a: z, b: g.op("reduceMax", { input: y, axes: [1] }) }) };
    },
    expected: { y: [1, -4, -2, 5, 3, -6], z: [-3, 3, -3], w: [-4, -2, -6] },
  },
  {
    why: "an inner value of a softmax is an output too",
    make: (g, input) => {
      const axes = { axes: [1], keepDimensions: true };
      const e = g.op("sub", { a: input, b: g.op("reduceMax", { input, ...axes }) });
      return { e, y: g.op("add", { a: e, b: g.op("reduceSum", { input: e, ...axes }) }) };
    },
    expected: { e: [-2, -5, 0, -9, 0, -11], y: [-9, -12, -7, -29, -20, -31] },
  },
];

for (const { why, make, expected } of graphs) {
  test(`${why}`, async () => {
    const g = sketch();
    const graph = g.finish(make(g, g.input("x", "float32", [2, 3])));
    await expectOutputs({ graph, constants: g.constants, inputs: { x } }, expected);
  });
}

test("a graph without inputs computes", async () => {
  const g = sketch();
  const counted = g.op("iota", { length: [4], start: [3], delta: [-1], dataType: "int32" });
  const weights = g.constant("int32", [4], [10, 20, 30, 40]);
  const y = g.op("add", { a: counted, b: weights });
  const z = g.op("neg", { input: weights });
  const graph = g.finish({ y, z });
  const expected = { y: [13, 22, 31, 40], z: [-10, -20, -30, -40] };
  await expectOutputs({ graph, constants: g.constants, inputs: {} }, expected);
});

test("what depends on constants alone is prepared, unless it is an output", () => {
  for (const isOutput of [false, true]) {
    const g = sketch();
    const input = g.constant("float32", [2, 3], [1, 2, 3, 4, 5, 6]);
    const sums = g.op("reduceSum", { input, axes: [0] });
    const y = g.op("add", { a: g.input("x", "float32", [3]), b: sums });
    const graph = g.finish({ y, ...(isOutput && { sums }) });
    const { prepare, steps } = compileChecked(graph, cpuLikeFacts);
    assert.deepEqual([prepare.length, steps.length], isOutput ? [0, 2] : [1, 1]);
  }
});

test("what depends on a named size is not prepared, though its own size is a number", async () => {
  const g = sketch();
  const n = named({ name: "n", maxSize: 8 });
  const positions = g.op("iota", { length: [2], start: [n], delta: [1], dataType: "float32" });
  const scaled = g.op("mul", { a: positions, b: g.constant("float32", [2], [10, 10]) });
  const input = g.input("x", "float32", [n, 2]);
  const graph = g.finish({
    y: g.op("add", { a: input, b: scaled }),
    z: g.op("sub", { a: input, b: scaled }),
  });
  const test = { graph, constants: g.constants, inputs: { x: [1, 2, 3, 4] }, sizes: { n: 2 } };
  await expectOutputs(test, { y: [21, 32, 23, 34], z: [-19, -28, -17, -26] });
});

test("a cache grows by any length after one build", async () => {
  const g = sketch();
  const [past, seq] = ["past", "seq"].map((name) => named({ name, maxSize: 8 }));
  const of = (name: string, length: typeof past): Value =>
    g.input(name, "float32", [1, 2, length!, 2]);
  const present = appended(g, of("cache", past), g.op("neg", { input: of("new", seq) }));
  assert.deepEqual(present.shape[2], total(past!, seq!));
  const graph = g.finish({ present });
  for (const sizes of [
    { past: 0, seq: 2 },
    { past: 1, seq: 1 },
    { past: 3, seq: 1 },
    { past: 2, seq: 3 },
  ]) {
    const inputs = { cache: ramp(4 * sizes.past), new: ramp(4 * sizes.seq) };
    await expectOutputs({ graph, inputs, sizes }, { present: joined(inputs, sizes) });
  }
});

function joined(
  { cache, new: added }: Readonly<Record<"cache" | "new", readonly number[]>>,
  { past, seq }: Sizes,
): number[] {
  return [0, 1].flatMap((head) => [
    ...cache.slice(2 * past! * head, 2 * past! * (head + 1)),
    ...added.slice(2 * seq! * head, 2 * seq! * (head + 1)).map((value) => -value),
  ]);
}

function ramp(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** Which nodes share a kernel: counted for both kinds of device, and held against references in float64. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findGroups } from "../../../core-webnn/lower/groups.ts";
import { findRoots } from "../../../core-webnn/lower/roots.ts";
import { runPasses } from "../../../core-webnn/passes/pipeline.ts";
import { named } from "../../../core-webnn/util/size.ts";
import { cpuLikeFacts, gpuLikeFacts } from "../../reference/interpreter-device.ts";
import { compileChecked } from "../../reference/run-on-devices.ts";
import { sketch } from "../../reference/sketch.ts";
import { product } from "../../reference/products.ts";
import { randomIntegers, randomNumbers } from "../../reference/values.ts";
import { randomGraph } from "../random-graphs/random-graph.ts";
import { expectOutputs, expectSteps } from "./expect.ts";
import { attention, layerNorm, quantisationOf } from "./spelled-out.ts";

const x = [3, -1, 4, 1, -5, 9, 2, 6, 5, 3, 5, 8];

test("a layer normalisation spelled out is one kernel", async () => {
  const g = sketch();
  const input = g.input("x", "float32", [2, 1, 6]);
  const scale = g.constant("float32", [6], [1, 2, 3, 4, 5, 6]);
  const bias = g.constant("float32", [6], [0, 0, 0, 1, 1, 1]);
  const graph = g.finish({ y: layerNorm(g, input, scale, bias) });
  expectSteps(graph, 1);
  const y = [0, 6].flatMap((row) => {
    const values = x.slice(row, row + 6);
    const mean = values.reduce((a, b) => a + b) / 6;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 6;
    return values.map(
      (v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * (i + 1) + (i > 2 ? 1 : 0),
    );
  });
  await expectOutputs({ graph, constants: g.constants, inputs: { x } }, { y }, 1e-6);
});

test("a softmax is one kernel, along any dimension", async () => {
  for (const axis of [0, 1]) {
    const g = sketch();
    const graph = g.finish({
      y: g.op("softmax", { input: g.input("x", "float32", [2, 6]), axis }),
    });
    expectSteps(graph, 1);
    const at = (row: number, column: number): number => Math.exp(x[row * 6 + column]!);
    const y = x.map((_, i) => {
      const [row, column] = [Math.floor(i / 6), i % 6];
      const line =
        axis === 0 ? [0, 1].map((r) => at(r, column)) : [...Array(6).keys()].map((c) => at(row, c));
      return at(row, column) / line.reduce((a, b) => a + b);
    });
    await expectOutputs({ graph, inputs: { x } }, { y }, 1e-6);
  }
});

test("the parameters of a dynamic quantisation are found in two kernels, the first row by row", async () => {
  const g = sketch();
  const input = g.input("x", "float32", [2, 6]);
  const graph = g.finish({ ...quantisationOf(g, input) });
  expectSteps(graph, 2);
  const scale = Math.fround(14 / 255);
  const zeroPoint = [Math.round(5 / scale)];
  await expectOutputs(
    { graph, constants: g.constants, inputs: { x } },
    { scale: [scale], zeroPoint },
  );
});

test("a contraction takes bias, activation, residual and moves of whole rows", async () => {
  const g = sketch();
  const a = g.input("x", "float32", [2, 2, 3]);
  const weights = Array.from({ length: 12 }, (_, i) => (i % 7) - 3);
  const b = g.constant("float32", [3, 4], weights);
  const bias = g.constant("float32", [4], [1, 2, 3, 4]);
  const biased = g.op("add", { a: g.op("matmul", { a, b }), b: bias });
  const active = g.op("relu", { input: biased });
  const summed = g.op("add", { a: active, b: g.input("r", "float32", [2, 2, 4]) });
  const graph = g.finish({ y: g.op("transpose", { input: summed, permutation: [1, 0, 2] }) });
  expectSteps(graph, 1, [gpuLikeFacts]);
  const r = Array.from({ length: 16 }, (_, i) => i);
  const sums = product(x, weights, [4, 3, 4]).map((s, i) => Math.max(0, s + 1 + (i % 4)) + i);
  const y = [0, 2, 1, 3].flatMap((row) => sums.slice(4 * row, 4 * row + 4));
  await expectOutputs({ graph, constants: g.constants, inputs: { x, r } }, { y });
});

test("a product with two readers is stored once, before either", async () => {
  const g = sketch();
  const a = g.input("x", "float32", [2, 6]);
  const b = g.constant(
    "float32",
    [6, 6],
    Array.from({ length: 36 }, (_, i) => (i % 5) - 2),
  );
  const p = g.op("matmul", { a, b });
  const residual = g.op("add", { a: p, b: a });
  const y = g.op("add", { a: residual, b: g.op("tanh", { input: residual }) });
  const graph = g.finish({ y, z: g.op("neg", { input: p }) });
  const contractions = compileChecked(graph, cpuLikeFacts).steps.filter(({ kernel }) =>
    kernel.body.some(({ kind }) => kind === "contract"),
  );
  assert.equal(contractions.length, 1);
  const sums = product(
    x,
    Array.from({ length: 36 }, (_, i) => (i % 5) - 2),
    [2, 6, 6],
  );
  const expected = sums.map((s, i) => s + x[i]! + Math.tanh(s + x[i]!));
  const z = sums.map((s) => -s);
  await expectOutputs({ graph, constants: g.constants, inputs: { x } }, { y: expected, z }, 1e-6);
});

test("attention runs for any lengths after one build", async () => {
  const g = sketch();
  const [s, p] = [named({ name: "s", maxSize: 9 }), named({ name: "p", maxSize: 9 })];
  const graph = g.finish({
    y: attention(g, {
      query: g.input("q", "float32", [1, 2, s, 3]),
      key: g.input("k", "float32", [1, 2, p, 3]),
      value: g.input("v", "float32", [1, 2, p, 3]),
      mask: g.input("m", "float32", [1, 1, s, p]),
    }),
  });
  // The scaled query, the scores with their mask, the softmax, the sum.
  expectSteps(graph, 4);
  const random = randomNumbers(5);
  for (const sizes of [
    { s: 1, p: 1 },
    { s: 1, p: 9 },
    { s: 4, p: 3 },
  ]) {
    const halves = (count: number): number[] =>
      randomIntegers(random, count, -4, 4).map((value) => value / 2);
    const inputs = {
      q: halves(6 * sizes.s),
      k: halves(6 * sizes.p),
      v: halves(6 * sizes.p),
      m: halves(sizes.s * sizes.p),
    };
    const y = [0, 1].flatMap((head) => attended(inputs, head, sizes));
    await expectOutputs({ graph, constants: g.constants, inputs, sizes }, { y }, 1e-5);
  }
});

type Attended = Readonly<Record<"q" | "k" | "v" | "m", readonly number[]>>;

function attended(
  { q, k, v, m }: Attended,
  head: number,
  { s, p }: { s: number; p: number },
): number[] {
  const of = (values: readonly number[], row: number, length: number, d: number): number =>
    values[(head * length + row) * 3 + d]!;
  return Array.from({ length: s }, (_, i) => {
    const weights = Array.from({ length: p }, (__, j) => {
      const dot = [0, 1, 2].reduce((sum, d) => sum + of(q, i, s, d) * of(k, j, p, d), 0);
      return Math.exp(dot / 4 + m[i * p + j]!);
    });
    const sum = weights.reduce((a, b) => a + b);
    return [0, 1, 2].map((d) => weights.reduce((part, w, j) => part + w * of(v, j, p, d), 0) / sum);
  }).flat();
}

test("a reduction of a whole tensor goes row by row first", async () => {
  const g = sketch();
  const input = g.input("x", "float32", [2, 2, 3]);
  const graph = g.finish({ y: g.op("reduceSum", { input }) });
  expectSteps(graph, 2);
  await expectOutputs({ graph, inputs: { x } }, { y: [40] });
});

test("a nest with more operands than buffers gives its last members back", async () => {
  const g = sketch();
  const input = g.input("x", "float32", [2, 6]);
  const sum = g.op("reduceSum", { input, axes: [1], keepDimensions: true });
  const operands = Array.from({ length: 9 }, (_, i) => g.input(`a${i}`, "float32", [2, 6]));
  const y = operands.reduce((a, b) => g.op("add", { a, b }), g.op("sub", { a: input, b: sum }));
  const graph = g.finish({ y });
  expectSteps(graph, 1, [cpuLikeFacts]);
  assert.ok(compileChecked(graph, gpuLikeFacts).steps.length > 1);
  const inputs = Object.fromEntries(operands.map((_, i) => [`a${i}`, x.map((v) => v * 2 ** i)]));
  const expected = x.map((v, i) => v - (i < 6 ? 11 : 29) + v * 511);
  await expectOutputs({ graph, inputs: { x, ...inputs } }, { y: expected });
});

test("a contraction with more operands than buffers gives its last nodes back, never ending in a view", async () => {
  const g = sketch();
  const a = g.input("x", "float32", [2, 6]);
  const b = g.constant("float32", [6, 1], [1, 1, 1, 1, 1, 1]);
  const inputs: Record<string, number[]> = { x };
  const y = [0, 1, 2, 3, 4, 5, 6, 7].reduce(
    (last, i) => {
      inputs[`a${i}`] = [i, 2 * i];
      const shape = i % 2 === 0 ? [2, 1] : [1, 2];
      const sum = g.op("add", { a: last, b: g.input(`a${i}`, "float32", shape) });
      return g.op("reshape", { input: sum, newShape: shape.toReversed() });
    },
    g.op("matmul", { a, b }),
  );
  const graph = g.finish({ y });
  expectSteps(graph, 1, [cpuLikeFacts]);
  await expectOutputs({ graph, constants: g.constants, inputs }, { y: [11 + 28, 29 + 56] });
});

test("a concat of more operands than buffers joins some first", async () => {
  for (const count of [7, 8, 13, 60]) {
    const g = sketch();
    const parts = Array.from({ length: count }, (_, i) =>
      g.input(`x${i}`, "float32", [2, 1 + (i % 2)]),
    );
    const graph = g.finish({ y: g.op("concat", { inputs: parts, axis: 1 }) });
    const values = parts.map(({ shape: [, width] }, i) =>
      Array.from({ length: 2 * Number(width) }, (_, at) => 10 * i + at),
    );
    const y = [0, 1].flatMap((row) =>
      values.flatMap((part) => part.slice((row * part.length) / 2, ((row + 1) * part.length) / 2)),
    );
    const inputs = Object.fromEntries(values.map((part, i) => [`x${i}`, part]));
    await expectOutputs({ graph, inputs }, { y });
  }
});

test("two nests that would wait for each other are not made", async () => {
  const g = sketch();
  const [p, q] = [g.input("x", "float32", [2, 6]), g.input("z", "float32", [2, 2])];
  const rows = { axes: [1], keepDimensions: true };
  const first = g.op("reduceSum", { input: p, ...rows });
  const [second, third] = ["reduceMax", "reduceMin"].map((op) => g.op(op, { input: q, ...rows }));
  // The nest of `first` takes y, which reads `third`; that of `second` and `third` must not take w.
  const y = g.op("mul", { a: first, b: third! });
  const w = g.op("sub", { a: g.op("sub", { a: q, b: second! }), b: first });
  const graph = g.finish({ y, w });
  const expected = { y: [11 * 1, 29 * -4], w: [-12, -11, -33, -29] };
  await expectOutputs({ graph, inputs: { x, z: [1, 2, -4, 0] } }, expected);
});

test("groups of random graphs never wait for each other", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const graph = runPasses(randomGraph(seed, 30).graph, gpuLikeFacts);
    const roots = findRoots(graph);
    const groups = findGroups(roots);
    const unitOf = (index: number): unknown => groups.get(index) ?? index;
    const waitsFor = new Map<unknown, Set<unknown>>();
    for (const { index, operands } of roots.members) {
      const unit = unitOf(index);
      const before = waitsFor.get(unit) ?? new Set();
      waitsFor.set(unit, before);
      for (const { from } of operands) {
        if (from.kind === "node" && unitOf(from.node) !== unit) before.add(unitOf(from.node));
      }
    }
    assert.ok(isAcyclic(waitsFor), `seed ${seed}`);
  }
});

function isAcyclic(edges: ReadonlyMap<unknown, ReadonlySet<unknown>>): boolean {
  const state = new Map<unknown, "open" | "done">();
  const visit = (unit: unknown): boolean => {
    const known = state.get(unit);
    if (known !== undefined) return known === "done";
    state.set(unit, "open");
    const isFine = [...(edges.get(unit) ?? [])].every(visit);
    state.set(unit, "done");
    return isFine;
  };
  return [...edges.keys()].every(visit);
}

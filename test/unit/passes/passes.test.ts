/** Passes keep graphs well formed and do what they say; what graphs compute is held elsewhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyGraph } from "../../../core-webnn/graph/verify.ts";
import type { Graph } from "../../../core-webnn/graph/ir.ts";
import { pipeline, runPasses } from "../../../core-webnn/passes/pipeline.ts";
import { prune } from "../../../core-webnn/passes/prune.ts";
import { shareEqual } from "../../../core-webnn/passes/share-equal.ts";
import { cpuLikeFacts, gpuLikeFacts } from "../../reference/interpreter-device.ts";
import { sketch } from "../../reference/sketch.ts";
import { randomGraph } from "../random-graphs/random-graph.ts";
import { expectOutputs } from "../lower/expect.ts";

test("random graphs are well formed after every pass", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const passes: string[] = [];
    runPasses(randomGraph(seed, 25).graph, gpuLikeFacts, ({ name }, graph) => {
      verifyGraph(graph);
      passes.push(name);
    });
    assert.equal(passes.length, pipeline.length);
  }
});

test("a graph in which a pass finds nothing is returned as it is", () => {
  const g = sketch();
  const graph = g.finish({ y: g.op("abs", { input: g.input("x", "float32", [2]) }) });
  for (const { name, run } of pipeline) assert.equal(run(graph, cpuLikeFacts), graph, name);
});

test("prune drops what no output needs, also a second time", () => {
  const g = sketch();
  const x = g.input("x", "float32", [4]);
  const [first, second] = ["neg", "abs"].map((op) => g.op(op, { input: x }));
  g.op("add", { a: first!, b: second! });
  const third = g.op("sqrt", { input: second! });
  const graph = g.finish({ y: second!, z: third });
  const pruned = prune(graph);
  assert.deepEqual(opsOf(pruned), ["abs", "sqrt"]);
  const again = prune({ ...pruned, outputs: pruned.outputs.slice(0, 1) });
  assert.deepEqual(opsOf(again), ["abs"]);
  verifyGraph(again);
});

test("equal nodes are computed once; what differs in any bit is not equal", async () => {
  const g = sketch();
  const x = g.input("x", "float32", [2]);
  const plus = (value: number) => g.op("add", { a: x, b: g.scalar("float32", value) });
  const clamped = (minValue: number) => g.op("clamp", { input: x, minValue, maxValue: Infinity });
  const graph = g.finish({
    a: plus(1),
    b: plus(1),
    c: plus(-1),
    d: clamped(0),
    e: clamped(-0),
    f: clamped(-Infinity),
    g: g.op("abs", { input: plus(1) }),
  });
  const shared = shareEqual(graph);
  assert.deepEqual(opsOf(shared), ["add", "add", "clamp", "clamp", "clamp", "abs"]);
  verifyGraph(shared);
  const expected = { a: [-2, 6], b: [-2, 6], c: [-4, 4], d: [0, 5], f: [-3, 5], g: [2, 6] };
  await expectOutputs({ graph, constants: g.constants, inputs: { x: [-3, 5] } }, expected);
});

function opsOf({ nodes }: Graph): string[] {
  return nodes.map(({ op }) => op);
}

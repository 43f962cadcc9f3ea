/** Loop and Scan beside their results (cases/control.ts): graphs, tensors, bytes, and how they end early. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MLContext } from "../../../core-webnn/index.ts";
import { counting } from "./addition.ts";
import {
  f32,
  type AttributeSpec,
  type GraphSpec,
  type ModelSpec,
  type NodeSpec,
  type ValueSpec,
} from "./onnx-writer.ts";
import { openContext, openSession, type TestOptions } from "./open-session.ts";
import { bool, floats, integers, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: NodeSpec["attributes"] = {},
): NodeSpec => ({ op, name: `${op} ${output}`, inputs, outputs: [output], attributes });

const float = (name: string, shape?: readonly (number | string)[]): ValueSpec => ({
  name,
  type: "float32",
  ...(shape === undefined ? {} : { shape }),
});
const i: ValueSpec = { name: "i", type: "int64", shape: [] };
const go: ValueSpec = { name: "go", type: "bool", shape: [] };
const m: ValueSpec = { name: "m", type: "int64", shape: [] };
const x = float("x", ["n"]);

const bodyOf = (graph: GraphSpec): Record<string, AttributeSpec> => ({ body: { graph } });
const loop = (inputs: string[], outputs: string[], body: GraphSpec): NodeSpec => ({
  op: "Loop",
  name: "the loop",
  inputs,
  outputs,
  attributes: bodyOf(body),
});
const open = (model: ModelSpec, options?: TestOptions) => openSession(model, context, options);
const feed = (...data: number[]) => floats([data.length], data);

/** y = 2^m x, all = 2x, 4x … */
const doubling: ModelSpec = {
  nodes: [
    loop(["m", "", "x"], ["y", "all"], {
      nodes: [node("Add", ["s", "s"], "twice"), node("Neg", ["twice"], "negative")],
      inputs: [i, go, float("s")],
      outputs: [go, float("twice"), float("negative")],
    }),
  ],
  inputs: [m, x],
  outputs: [float("y"), float("all")],
};

/** y = x followed by m ones. */
const growing: ModelSpec = {
  nodes: [
    loop(["m", "", "x"], ["y"], {
      nodes: [node("Concat", ["s", "one"], "longer", { axis: { int: 0 } })],
      inputs: [i, go, float("s")],
      outputs: [go, float("longer")],
    }),
  ],
  inputs: [m, x],
  outputs: [float("y")],
  initializers: { one: f32([1], [1]) },
};

const endless: ModelSpec = {
  ...doubling,
  nodes: [{ ...doubling.nodes[0]!, inputs: ["", "", "x"], outputs: ["y"] }],
  inputs: [x],
  outputs: [float("y")],
};

describe("Loop", () => {
  it("builds its body once, for all iterations, runs and sizes", async () => {
    const session = open(doubling);
    for (const [count, n] of [
      [3, 2],
      [40, 2],
      [5, 7],
      [1, 1],
    ] as const) {
      const { y } = await session.fetch({ m: integers([], [count]), x: floats([n]) }, "y");
      assert.deepEqual(
        await numbers(y),
        [...Array(n).keys()].map((k) => (k + 1) * 2 ** count),
      );
    }
    assert.equal(session.report().graphs, 1);
  });

  it("builds it once more when a carried size turns out to change", async () => {
    const session = open(growing);
    for (const [count, n] of [
      [4, 2],
      [30, 2],
      [9, 5],
    ] as const) {
      const { y } = await session.fetch({ m: integers([], [count]), x: floats([n]) });
      assert.deepEqual(y!.dims, [n + count]);
      assert.equal((await numbers(y)).at(-1), 1);
    }
    assert.equal(session.report().graphs, 2);
  });

  it("keeps no more tensors than one iteration needs", async () => {
    const { live, wrap } = counting();
    const session = open(doubling, { wrap });
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, live.size)), 1);
    const { all } = await session.fetch({ m: integers([], [300]), x: floats([4]) });
    clearInterval(timer);
    assert.deepEqual(all!.dims, [300, 4]);
    assert.ok(most <= 8 && live.size <= 8, `${most} tensors, ${live.size} after it`);
  });

  it("runs no more of the body than the fetches ask for", async () => {
    const session = open(doubling);
    await session.fetch({ m: integers([], [2]), x: feed(1) }, "y");
    assert.deepEqual(session.report().nodes, { webnn: 1, host: 1 });
    assert.equal(session.report().bytes.byName["all"], undefined);
    const { all } = await session.fetch({ m: integers([], [2]), x: feed(1) }, "all");
    assert.deepEqual(await numbers(all), [-2, -4]);
    assert.deepEqual(session.report().nodes, { webnn: 2, host: 1 });
  });

  it("does what does not change before it", async () => {
    const session = open({
      nodes: [
        node("Exp", ["x"], "e"),
        loop(["m", "", "x"], ["y"], {
          nodes: [node("Add", ["s", "e"], "sum")],
          inputs: [i, go, float("s")],
          outputs: [go, float("sum")],
        }),
      ],
      inputs: [m, x],
      outputs: [float("y")],
    });
    const { y } = await session.fetch({ m: integers([], [10]), x: feed(0) });
    assert.deepEqual(await numbers(y), [10]);
    // e never leaves the device, and x goes there once.
    assert.equal(session.report().bytes.byName["e"], undefined);
    assert.equal(session.report().bytes.byName["x"]!.written, 4);
  });

  it("ends at once where its condition is false, whatever its trip count", async () => {
    const session = open({
      ...doubling,
      nodes: [{ ...doubling.nodes[0]!, inputs: ["m", "flag", "x"] }],
      inputs: [m, x, { name: "flag", type: "bool", shape: [] }],
    });
    const feeds = { m: integers([], [2 ** 62]), x: feed(3), flag: bool(false) };
    const { y, all } = await session.fetch(feeds);
    assert.deepEqual(await numbers(y), [3]);
    assert.deepEqual(all!.dims, [0]);
    assert.equal(session.report().graphs, 0);
  });

  it("is ended by a signal, and the session goes on", async () => {
    const session = open({
      ...endless,
      nodes: [{ ...endless.nodes[0]!, inputs: ["m", "", "x"] }],
      inputs: [m, x],
    });
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error("enough")), 30);
    const feeds = { m: integers([], [2 ** 62]), x: feed(1) };
    await assert.rejects(
      session.run(feeds, { y: null }, { signal: abort.signal } as never),
      /enough/,
    );
    const { y } = await session.fetch({ m: integers([], [3]), x: feed(1) });
    assert.deepEqual(await numbers(y), [8]);
  });

  it("is ended by `terminate`", async () => {
    const session = open(endless);
    const options = { terminate: false };
    setTimeout(() => (options.terminate = true), 30);
    await assert.rejects(session.run({ x: feed(1) }, { y: null }, options), { name: "AbortError" });
  });

  it("refuses what is no trip count, and bodies that do not fit their node", async () => {
    const session = open({ ...doubling, inputs: [{ name: "m", type: "int64" }, x] });
    await assert.rejects(
      session.fetch({ m: integers([2], [1, 2]), x: feed(1) }),
      /the trip count 'm' is int64 \[2\], expected one int64/,
    );
    const broken = (node: Partial<NodeSpec>) => () =>
      open({ ...doubling, nodes: [{ ...doubling.nodes[0]!, ...node }] });
    assert.throws(
      broken({ inputs: ["m", ""] }),
      /Loop 'the loop': its body takes 3 inputs, expected 2/,
    );
    assert.throws(
      broken({ outputs: ["y", "all", "more"] }),
      /Loop 'the loop': its body gives 3 results, expected at least 4/,
    );
    assert.throws(broken({ attributes: {} }), /Loop 'the loop' has no body/);
  });

  it("refuses parts of different shapes", async () => {
    const session = open({
      ...growing,
      nodes: [
        loop(["m", "", "x"], ["y", "all"], {
          nodes: [
            node("Concat", ["s", "one"], "longer", { axis: { int: 0 } }),
            node("Neg", ["longer"], "part"),
          ],
          inputs: [i, go, float("s")],
          outputs: [go, float("longer"), float("part")],
        }),
      ],
      outputs: [float("all")],
    });
    await assert.rejects(
      session.fetch({ m: integers([], [3]), x: feed(1) }),
      /Loop 'the loop': parts of 'all' have the shapes \[2\] and \[3\], expected one shape/,
    );
  });
});

/** Running sums of the rows of x. */
const sums: ModelSpec = {
  nodes: [
    node("Relu", ["x"], "positive"),
    {
      op: "Scan",
      name: "the scan",
      inputs: ["start", "positive"],
      outputs: ["last", "all"],
      attributes: {
        num_scan_inputs: { int: 1 },
        ...bodyOf({
          nodes: [node("Add", ["s", "e"], "sum"), node("Identity", ["sum"], "part")],
          inputs: [float("s"), float("e")],
          outputs: [float("sum"), float("part")],
        }),
      },
    },
    node("Add", ["all", "positive"], "y"),
  ],
  inputs: [float("x", ["n", 2]), float("start", [2])],
  outputs: [float("y"), float("last")],
};

describe("Scan", () => {
  it("picks elements on the device, by one graph for all of them", async () => {
    const session = open(sums);
    for (const n of [3, 8, 5]) {
      const { y, last } = await session.fetch({ x: floats([n, 2]), start: floats([2], [0, 0]) });
      assert.deepEqual(y!.dims, [n, 2]);
      assert.deepEqual(await numbers(last), [n * n, n * (n + 1)]);
    }
    // What is before, the picking, the body, what is behind.
    assert.equal(session.report().graphs, 4);
    assert.equal(session.report().bytes.byName["positive"], undefined);
  });

  it("gives what was there before an empty sequence", async () => {
    const session = open(sums);
    const { last } = await session.fetch({ x: floats([0, 2]), start: floats([2], [7, 8]) }, "last");
    assert.deepEqual(await numbers(last), [7, 8]);
  });

  it("refuses axes that tensors do not have", async () => {
    const attributes = { ...sums.nodes[1]!.attributes, scan_input_axes: { ints: [2] } };
    const session = open({
      ...sums,
      nodes: [sums.nodes[0]!, { ...sums.nodes[1]!, attributes }, sums.nodes[2]!],
    });
    await assert.rejects(
      session.fetch({ x: floats([2, 2]), start: floats([2]) }),
      /Scan 'the scan': the axis 2 of 'positive' is out of range for rank 2/,
    );
  });
});

/** One graph for many sizes, and another where a decision about sizes turns out differently. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MLContext } from "../../../core-webnn/index.ts";
import { f32, i64, type ModelSpec, type NodeSpec } from "./onnx-writer.ts";
import { openContext, openSession, type TestOptions } from "./open-session.ts";
import { floats, integers, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: NodeSpec["attributes"] = {},
): NodeSpec => ({ op, name: `${op} ${output}`, inputs, outputs: [output], attributes });

const concat: ModelSpec = {
  nodes: [node("Concat", ["past", "new"], "y", { axis: { int: 1 } })],
  inputs: [
    { name: "past", type: "float32", shape: [1, "past", 2] },
    { name: "new", type: "float32", shape: [1, "length", 2] },
  ],
  outputs: [{ name: "y", type: "float32" }],
};

const slice: ModelSpec = {
  nodes: [node("Slice", ["x", "start", "end"], "y")],
  inputs: [{ name: "x", type: "float32", shape: ["n"] }],
  outputs: [{ name: "y", type: "float32" }],
  initializers: { start: i64([1], [1]), end: i64([1], [4]) },
};

const open = (model: ModelSpec, options?: TestOptions) => openSession(model, context, options);

describe("sizes that change from run to run", () => {
  it("need one graph", async () => {
    const session = open({
      nodes: [node("Add", ["x", "w"], "y")],
      inputs: [{ name: "x", type: "float32", shape: ["n", 2] }],
      outputs: [{ name: "y", type: "float32" }],
      initializers: { w: f32([2], [10, 20]) },
    });
    for (const n of [1, 3, 2, 7]) {
      const { y } = await session.fetch({ x: floats([n, 2]) });
      assert.deepEqual(y!.dims, [n, 2]);
      assert.deepEqual((await numbers(y)).slice(-2), [2 * n - 1 + 10, 2 * n + 20]);
    }
    assert.equal(session.report().graphs, 1);
  });

  it("may begin with 0: an empty past never reaches the device", async () => {
    const session = open(concat);
    for (const past of [0, 1, 2, 3]) {
      const { y } = await session.fetch({
        past: floats([1, past, 2]),
        new: floats([1, 1, 2], [8, 9]),
      });
      assert.deepEqual(y!.dims, [1, past + 1, 2]);
      assert.deepEqual((await numbers(y)).slice(-2), [8, 9]);
    }
    // The result of the empty past is the other input; the other sizes share a graph.
    assert.equal(session.report().graphs, 2);
  });

  it("decide a slice's end: a graph for each way", async () => {
    const session = open(slice);
    const run = async (n: number) => numbers((await session.fetch({ x: floats([n]) })).y);
    assert.deepEqual(await run(6), [2, 3, 4]);
    assert.deepEqual(await run(9), [2, 3, 4]);
    assert.equal(session.report().graphs, 1);
    assert.deepEqual(await run(3), [2, 3]);
    assert.deepEqual(await run(2), [2]);
    assert.equal(session.report().graphs, 2);
    assert.deepEqual(await run(1), []);
    assert.deepEqual(await run(7), [2, 3, 4]);
    assert.equal(session.report().graphs, 2);
  });

  it("broadcast by what they are now", async () => {
    const session = open({
      nodes: [node("Add", ["a", "b"], "y")],
      inputs: [
        { name: "a", type: "float32", shape: ["n"] },
        { name: "b", type: "float32", shape: ["m"] },
      ],
      outputs: [{ name: "y", type: "float32" }],
    });
    const run = async (n: number, m: number) =>
      numbers((await session.fetch({ a: floats([n]), b: floats([m]) })).y);
    assert.deepEqual(await run(3, 3), [2, 4, 6]);
    assert.deepEqual(await run(3, 1), [2, 3, 4]);
    assert.deepEqual(await run(1, 2), [2, 3]);
    assert.deepEqual(await run(2, 2), [2, 4]);
    await assert.rejects(run(2, 3), /Add 'Add y': the shapes \[2\] and \[3\] do not broadcast/);
    assert.deepEqual(await run(3, 3), [2, 4, 6]);
  });

  it("may be the only thing that is asked of a value", async () => {
    const session = open({
      nodes: [
        node("Relu", ["x"], "positive"),
        node("Shape", ["positive"], "shape"),
        node("Expand", ["w", "shape"], "y"),
      ],
      inputs: [{ name: "x", type: "float32", shape: ["n", "m"] }],
      outputs: [{ name: "y", type: "float32" }],
      initializers: { w: f32([1], [5]) },
    });
    assert.deepEqual(await numbers((await session.fetch({ x: floats([2, 2]) })).y), [5, 5, 5, 5]);
    assert.deepEqual(await numbers((await session.fetch({ x: floats([1, 3]) })).y), [5, 5, 5]);
  });

  it("may have any name in the file", async () => {
    const session = open({
      nodes: [node("Mul", ["a", "b"], "y")],
      inputs: [
        { name: "a", type: "float32", shape: ["3", "past + 1", "past*1"] },
        { name: "b", type: "float32", shape: [3, "past + 1", "past"] },
      ],
      outputs: [{ name: "y", type: "float32" }],
    });
    const { y } = await session.fetch({ a: floats([3, 2, 1]), b: floats([3, 2, 1]) });
    assert.deepEqual(await numbers(y), [1, 4, 9, 16, 25, 36]);
  });

  it("can be given a number for good", async () => {
    const session = open(slice, { freeDimensionOverrides: { n: 3 } });
    assert.deepEqual(await numbers((await session.fetch({ x: floats([3]) })).y), [2, 3]);
    await assert.rejects(
      session.fetch({ x: floats([4]) }),
      /'x': expected float32 \[n\], got float32 \[4\]/,
    );
  });

  it("can come from the values of a feed", async () => {
    const session = open({
      nodes: [node("Reshape", ["x", "shape"], "y")],
      inputs: [
        { name: "x", type: "float32", shape: ["n", "m"] },
        { name: "shape", type: "int64", shape: [2] },
      ],
      outputs: [{ name: "y", type: "float32" }],
    });
    for (const shape of [
      [2, 3],
      [6, 1],
      [2, 3],
      [-1, 2],
    ] as const) {
      const { y } = await session.fetch({ x: floats([3, 2]), shape: integers([2], shape) });
      assert.deepEqual(y!.dims, shape[0] === -1 ? [3, 2] : shape);
    }
    assert.equal(session.report().graphs, 3);
  });

  it("decided on the device are read between two graphs", async () => {
    const session = open({
      nodes: [
        node("Relu", ["x"], "positive"),
        node("Cast", ["positive"], "s", { to: { int: 7 } }),
        node("Reshape", ["positive", "s"], "y"),
      ],
      inputs: [{ name: "x", type: "float32", shape: ["n"] }],
      outputs: [{ name: "y", type: "float32" }],
    });
    const dims = async (...x: number[]) => {
      const { y } = await session.fetch({ x: floats([x.length], x) });
      assert.deepEqual(await numbers(y), x);
      return y!.dims;
    };
    assert.deepEqual(await dims(1, 2), [1, 2]);
    assert.deepEqual(session.report().bytes.byName["s"], { written: 0, read: 16 });
    assert.deepEqual(await dims(2, 1), [2, 1]);
    assert.deepEqual(await dims(1), [1]);
    assert.deepEqual(await dims(1, 2), [1, 2]);
    // One for what comes before the shape is known, one for each shape.
    assert.equal(session.report().graphs, 4);
    // Each run reads it once, however many graphs there are to choose from.
    assert.deepEqual(session.report().bytes.byName["s"], { written: 0, read: 16 + 16 + 8 + 16 });
    await assert.rejects(dims(3, 1), /Reshape 'Reshape y': .* does not have the size of \[3, 1\]/);
  });
});

describe("without symbolic sizes", () => {
  it("there is a graph for each set of sizes, and a bounded number of them", async () => {
    let live = 0;
    const session = open(concat, {
      isStatic: true,
      wrap: (webnn) => ({
        ...webnn,
        createBuilder() {
          const builder = webnn.createBuilder();
          const build = builder.build.bind(builder);
          builder.build = async (outputs) => {
            const graph = await build(outputs);
            live += 1;
            return { destroy: () => void (live -= 1), devices: [], real: graph } as never;
          };
          return builder;
        },
        context: new Proxy(webnn.context, {
          get(target, key) {
            if (key === "dispatch") {
              return (graph: { real: never }, ...rest: [never, never]) =>
                target.dispatch(graph.real, ...rest);
            }
            const member = Reflect.get(target, key) as unknown;
            return typeof member === "function" ? (member.bind(target) as unknown) : member;
          },
        }),
      }),
    });
    for (let past = 1; past <= 12; past++) {
      const { y } = await session.fetch({
        past: floats([1, past, 2]),
        new: floats([1, 1, 2], [8, 9]),
      });
      assert.deepEqual((await numbers(y)).slice(-3), [2 * past, 8, 9]);
    }
    assert.equal(session.report().graphs, 12);
    assert.equal(live, 8);
    await session.fetch({ past: floats([1, 12, 2]), new: floats([1, 1, 2]) });
    assert.equal(session.report().graphs, 12);
    await session.dispose();
    assert.equal(live, 0);
  });

  it("weights are given to the device once", async () => {
    const written: number[] = [];
    const session = openSession(
      {
        nodes: [node("Add", ["x", "w"], "y")],
        inputs: [{ name: "x", type: "float32", shape: ["n", 512] }],
        outputs: [{ name: "y", type: "float32" }],
        initializers: { w: f32([512], new Array<number>(512).fill(1)) },
      },
      context,
      { isStatic: true },
    );
    for (const n of [1, 2, 3]) {
      await session.fetch({ x: floats([n, 512]) });
      written.push(session.report().bytes.constants);
    }
    assert.deepEqual(written, [2048, 2048, 2048]);
  });
});

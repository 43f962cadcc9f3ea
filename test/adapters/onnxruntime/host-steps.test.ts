/** What the host computes between graphs: shapes that depend on elements, and types that WebNN lacks. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import type { MLContext } from "../../../core-webnn/index.ts";
import { f32, i64, type ModelSpec, type NodeSpec } from "./onnx-writer.ts";
import { openContext, openSession, type TestOptions } from "./open-session.ts";
import { bool, floats, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: NodeSpec["attributes"] = {},
): NodeSpec => ({ op, name: `${op} ${output}`, inputs, outputs: [output], attributes });

const open = (model: ModelSpec, options?: TestOptions) => openSession(model, context, options);
const x = { name: "x", type: "float32", shape: ["n"] } as const;
const y = { name: "y", type: "float32" } as const;

/** y = 2 · the positive elements of x */
const picking: ModelSpec = {
  nodes: [
    node("Relu", ["x"], "positive"),
    node("NonZero", ["positive"], "found"),
    node("Transpose", ["found"], "where"),
    node("GatherND", ["positive", "where"], "picked"),
    node("Add", ["picked", "picked"], "y"),
  ],
  inputs: [x],
  outputs: [y],
};

describe("shapes that depend on elements", () => {
  it("are computed between two graphs, which serve all sizes", async () => {
    const session = open(picking);
    const run = async (...data: number[]) =>
      numbers((await session.fetch({ x: floats([data.length], data) })).y);
    assert.deepEqual(await run(1, -2, 3), [2, 6]);
    assert.equal(session.report().graphs, 2);
    // 3 floats were read; the positions of 2, and x, were written.
    assert.deepEqual(session.report().bytes.byName["positive"], { written: 0, read: 12 });
    assert.deepEqual(session.report().bytes.byName["found"], { written: 16, read: 0 });
    assert.deepEqual(await run(-1, 5, 4, 7), [10, 8, 14]);
    for (const count of [1, 6, 5, 4]) {
      const data = Array.from({ length: 7 }, (_, i) => (i < count ? i + 1 : -1));
      assert.deepEqual(
        await run(...data),
        data.slice(0, count).map((value) => 2 * value),
      );
    }
    assert.equal(session.report().graphs, 2);
    assert.deepEqual(session.report().nodes, { webnn: 4, host: 1 });
  });

  it("may be empty", async () => {
    const session = open({
      ...picking,
      nodes: [
        ...picking.nodes.slice(0, 3),
        node("Squeeze", ["where", "one"], "positions"),
        node("Cast", ["positions"], "y", { to: { int: 1 } }),
      ],
      initializers: { one: i64([1], [1]) },
    });
    const none = await session.fetch({ x: floats([2], [-1, -1]) });
    assert.deepEqual(none.y!.dims, [0]);
    const some = await session.fetch({ x: floats([2], [-1, 1]) });
    assert.deepEqual(await numbers(some.y), [1]);
  });

  it("need a graph for each size where sizes must be numbers", async () => {
    const session = open(picking, { isStatic: true });
    const run = async (...data: number[]) =>
      numbers((await session.fetch({ x: floats([data.length], data) })).y);
    assert.deepEqual(await run(1, -2, 3), [2, 6]);
    assert.deepEqual(await run(4, -2, 3), [8, 6]);
    assert.equal(session.report().graphs, 2);
    assert.deepEqual(await run(1, 2, 3), [2, 4, 6]);
    assert.equal(session.report().graphs, 3);
  });

  it("are found in the branch that runs", async () => {
    const branch = (nodes: readonly NodeSpec[]) => ({
      graph: { nodes, outputs: [{ name: "r", type: "float32" as const }] },
    });
    const session = open({
      nodes: [
        node("Relu", ["x"], "positive"),
        {
          op: "If",
          name: "If y",
          inputs: ["flag"],
          outputs: ["y"],
          attributes: {
            then_branch: branch([
              node("NonZero", ["positive"], "found"),
              node("Cast", ["found"], "r", { to: { int: 1 } }),
            ]),
            else_branch: branch([node("Neg", ["positive"], "r")]),
          },
        },
      ],
      inputs: [x, { name: "flag", type: "bool", shape: [] }],
      outputs: [y],
    });
    const run = async (flag: boolean) =>
      numbers((await session.fetch({ x: floats([3], [1, -1, 2]), flag: bool(flag) })).y);
    assert.deepEqual(await run(false), [-1, -0, -2]);
    assert.deepEqual(await run(true), [0, 2]);
  });

  it("read large constants that graphs use as well", async () => {
    const data = Array.from({ length: 400 }, (_, i) => (i % 100 === 0 ? 1 : 0));
    const session = open({
      nodes: [node("Add", ["x", "w"], "y"), node("NonZero", ["w"], "found")],
      inputs: [{ name: "x", type: "float32", shape: [400] }],
      outputs: [y, { name: "found", type: "int64" }],
      initializers: { w: f32([400], data) },
    });
    for (let i = 0; i < 2; i++) {
      const { found } = await session.fetch({ x: floats([400]) });
      assert.deepEqual(await numbers(found), [0, 100, 200, 300]);
    }
  });
});

describe("types that WebNN lacks", () => {
  const float64 = (data: number[]) => new Tensor("float64", Float64Array.from(data), [data.length]);

  it("are computed with on the host, beside graphs for the rest", async () => {
    const session = open({
      nodes: [
        node("Cast", ["x"], "wide", { to: { int: 11 } }),
        node("Add", ["wide", "d"], "sum"),
        node("Cast", ["sum"], "y", { to: { int: 1 } }),
        node("Relu", ["y"], "z"),
      ],
      inputs: [x, { name: "d", type: "float64", shape: ["n"] }],
      outputs: [
        { name: "sum", type: "float64" },
        { name: "z", type: "float32" },
      ],
    });
    for (let i = 0; i < 2; i++) {
      const { sum, z } = await session.fetch({ x: floats([2], [1, -1]), d: float64([1e-12, 0.5]) });
      assert.equal(sum!.type, "float64");
      assert.deepEqual(await numbers(sum), [1 + 1e-12, -0.5]);
      assert.deepEqual(await numbers(z), [1, 0]);
    }
    assert.equal(session.report().graphs, 1);
  });

  it("pass a session by", async () => {
    const session = open({
      nodes: [node("Identity", ["d"], "e"), node("Shape", ["d"], "shape")],
      inputs: [{ name: "d", type: "float64", shape: ["n"] }],
      outputs: [
        { name: "e", type: "float64" },
        { name: "shape", type: "int64" },
      ],
    });
    const { e, shape } = await session.fetch({ d: float64([1, 2]) });
    assert.deepEqual(await numbers(e), [1, 2]);
    assert.deepEqual(await numbers(shape), [2]);
    assert.equal(session.report().graphs, 0);
  });

  it("read large constants before a device takes them", async () => {
    const session = open({
      nodes: [node("Cast", ["w"], "wide", { to: { int: 11 } }), node("Add", ["x", "w"], "y")],
      inputs: [{ name: "x", type: "float32", shape: [400] }],
      outputs: [{ name: "wide", type: "float64" }, y],
      initializers: { w: f32([400], new Array<number>(400).fill(0.5)) },
    });
    const { wide } = await session.fetch({ x: floats([400]) });
    assert.equal((await numbers(wide))[399], 0.5);
  });

  it("are refused by name where no one computes with them", async () => {
    const session = open({
      nodes: [node("GlobalAveragePool", ["d"], "y")],
      inputs: [{ name: "d", type: "float64", shape: [1, 1, "n"] }],
      outputs: [{ name: "y", type: "float64" }],
    });
    await assert.rejects(
      session.fetch({ d: new Tensor("float64", Float64Array.of(1, 2), [1, 1, 2]) }),
      /GlobalAveragePool 'GlobalAveragePool y': data of type float64, which WebNN does not have/,
    );
  });

  it("travel as bits where onnxruntime has no tensors of them", async () => {
    const session = open({
      nodes: [
        node("Cast", ["x"], "wide", { to: { int: 1 } }),
        node("Neg", ["wide"], "negative"),
        node("Cast", ["negative"], "y", { to: { int: 17 } }),
      ],
      inputs: [{ name: "x", type: "bfloat16", shape: ["n"] }],
      outputs: [{ name: "y", type: "float8e4m3fn" }],
      opset: 19,
    });
    assert.equal((session.inputMetadata[0] as { type: string }).type, "uint16");
    // 1, -2 and 0.15625 in bfloat16; -1, 2 and -0.15625 in float8e4m3fn.
    const bits = Uint16Array.of(0x3f80, 0xc000, 0x3e20);
    const { y } = await session.fetch({ x: new Tensor("uint16", bits, [3]) });
    assert.equal(y!.type, "uint8");
    assert.deepEqual(await numbers(y), [0xb8, 0x40, 0xa2]);
    await assert.rejects(
      session.fetch({ x: floats([3]) }),
      /'x': expected bfloat16 \(its bits as uint16\) \[n\], got float32 \[3\]/,
    );
  });

  it("come back on the host where results are to stay on the device", async () => {
    const session = open(
      {
        nodes: [node("Cast", ["x"], "y", { to: { int: 11 } })],
        inputs: [x],
        outputs: [{ name: "y", type: "float64" }],
      },
      { preferredOutputLocation: "ml-tensor" },
    );
    const { y } = await session.fetch({ x: floats([2]) });
    assert.equal(y!.location, "cpu");
    assert.deepEqual(await numbers(y), [1, 2]);
  });
});

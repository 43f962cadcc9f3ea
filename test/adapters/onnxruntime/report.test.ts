/** What a session says of itself: where each node ran and why, which sizes had to be numbers, and what it refuses on demand. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MLContext } from "../../../core-webnn/index.ts";
import { OnnxModelError } from "../../../adapters/onnxruntime/errors.ts";
import { f32, i64, u8, type ModelSpec, type NodeSpec } from "./onnx-writer.ts";
import { openContext, openSession, type TestOptions } from "./open-session.ts";
import { bool, floats } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: NodeSpec["attributes"] = {},
): NodeSpec => ({ op, name: `the ${op}`, inputs, outputs: [output], attributes });

const open = (model: ModelSpec, options?: TestOptions) => openSession(model, context, options);
const x = { name: "x", type: "float32", shape: ["batch size", "n"] } as const;
const y = { name: "y", type: "float32" } as const;

const finding: ModelSpec = {
  nodes: [
    node("Relu", ["x"], "positive"),
    node("NonZero", ["positive"], "found"),
    node("Shape", ["found"], "shape"),
    node("Cast", ["found"], "y", { to: { int: 1 } }),
  ],
  inputs: [x],
  outputs: [y, { name: "shape", type: "int64" }],
};

describe("the report", () => {
  it("says of each node which device it ran on, or why none", async () => {
    const session = open(finding);
    await session.fetch({ x: floats([1, 2]) });
    assert.deepEqual(session.report().placements, [
      { name: "the Relu", op: "Relu", domain: "", device: "cpu" },
      {
        name: "the NonZero",
        op: "NonZero",
        domain: "",
        device: "host",
        reason: "the shape of its result depends on elements",
      },
      { name: "the Shape", op: "Shape", domain: "", device: "host", reason: "shape arithmetic" },
      { name: "the Cast", op: "Cast", domain: "", device: "cpu" },
    ]);
    assert.deepEqual(session.report().units, [
      { firstNode: "the Relu", nodes: 1, graphs: 1 },
      { firstNode: "the Shape", nodes: 2, graphs: 1 },
    ]);
  });

  it("names control flow", async () => {
    const branch = (op: string) => ({
      graph: { nodes: [node(op, ["x"], "r")], outputs: [{ name: "r", type: "float32" as const }] },
    });
    const attributes = { then_branch: branch("Relu"), else_branch: branch("Neg") };
    const session = open({
      nodes: [node("If", ["flag"], "y", attributes)],
      inputs: [x, { name: "flag", type: "bool", shape: [] }],
      outputs: [y],
    });
    await session.fetch({ x: floats([1, 2]), flag: bool(true) });
    assert.deepEqual(
      session.report().placements.map(({ op, device, reason }) => [op, device, reason]),
      [
        ["Relu", "cpu", undefined],
        ["If", "host", "control flow"],
      ],
    );
  });

  it("names the nodes that became one", async () => {
    const session = open({
      nodes: [
        {
          op: "DynamicQuantizeLinear",
          name: "quantize",
          inputs: ["x"],
          outputs: ["q", "scale", "zero"],
        },
        { ...node("MatMulInteger", ["q", "w", "zero", "w zero"], "sum"), name: "product" },
        { ...node("Cast", ["sum"], "float", { to: { int: 1 } }), name: "cast" },
        { ...node("Mul", ["scale", "w scale"], "scales"), name: "scales" },
        { ...node("Mul", ["float", "scales"], "y"), name: "scaled" },
      ],
      inputs: [{ ...x, shape: [2, 2] }],
      outputs: [y],
      initializers: {
        w: u8([2, 2], [1, 2, 3, 4]),
        "w zero": u8([], [0]),
        "w scale": f32([], [0.5]),
      },
    });
    await session.fetch({ x: floats([2, 2]) });
    const fusions = session.report().placements.map(({ name, fusion }) => [name, fusion]);
    assert.deepEqual(
      fusions.filter(([, fusion]) => fusion !== undefined),
      [
        ["product", "part of 'scaled'"],
        ["scaled", "quantised product with 'product'"],
      ],
    );
  });

  it("says which sizes had to be numbers, and who asked", async () => {
    const session = open({
      nodes: [node("Add", ["x", "w"], "y")],
      inputs: [x],
      outputs: [y],
      initializers: { w: f32([3], [1, 2, 3]) },
    });
    await session.fetch({ x: floats([4, 1]) });
    assert.deepEqual(session.report().fixedSizes, [
      { name: "n", reason: "Add 'the Add' needs a number" },
    ]);
    const numbered = open({ ...finding, inputs: [x] }, { isStatic: true });
    await numbered.fetch({ x: floats([1, 1]) });
    assert.deepEqual(
      numbered.report().fixedSizes.filter(({ name }) => name === "batch size"),
      [{ name: "batch size", reason: "the context takes numbers only" }],
    );
  });

  it("is plain data", async () => {
    const session = open(finding);
    await session.fetch({ x: floats([1, 2]) });
    assert.deepEqual(structuredClone(session.report()), session.report());
  });
});

describe("throwOnFallback", () => {
  const fallback = (message: RegExp) => (error: unknown) =>
    error instanceof OnnxModelError && error.code === "fallback" && message.test(error.message);

  it("refuses a model whose ops no graph can do, all of them by name", () => {
    const second = { ...node("NonZero", ["x"], "again"), name: "another" };
    assert.throws(
      () => open({ ...finding, nodes: [...finding.nodes, second] }, { throwOnFallback: true }),
      fallback(/NonZero 'the NonZero' \(the shape .* elements\), NonZero 'another' \(/),
    );
  });

  it("refuses the run that finds a type that WebNN lacks", async () => {
    const session = open(
      {
        nodes: [node("Cast", ["x"], "wide", { to: { int: 11 } }), node("Shape", ["wide"], "y")],
        inputs: [x],
        outputs: [{ name: "y", type: "int64" }],
      },
      { throwOnFallback: true },
    );
    await assert.rejects(
      session.fetch({ x: floats([1, 2]) }),
      fallback(/Cast 'the Cast' \(WebNN has no float64\)/),
    );
  });

  it("has nothing against shape arithmetic and control flow", async () => {
    const session = open(
      {
        nodes: [
          node("Shape", ["x"], "shape"),
          node("Concat", ["shape", "one"], "longer", { axis: { int: 0 } }),
          node("Reshape", ["x", "longer"], "y"),
        ],
        inputs: [x],
        outputs: [y],
        initializers: { one: i64([1], [1]) },
      },
      { throwOnFallback: true },
    );
    assert.deepEqual((await session.fetch({ x: floats([1, 2]) })).y!.dims, [1, 2, 1]);
  });
});

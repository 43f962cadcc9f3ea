/** If: which branch runs, what runs for it, and what does not. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MLContext } from "../../../core-webnn/index.ts";
import { f32, i64, type GraphSpec, type ModelSpec, type NodeSpec } from "./onnx-writer.ts";
import { openContext, openSession, type TestSession } from "./open-session.ts";
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

function branch(
  nodes: readonly NodeSpec[],
  outputs: readonly string[],
  more: Partial<GraphSpec> = {},
) {
  const values = outputs.map((name) => ({ name, type: "float32" as const }));
  return { graph: { nodes, outputs: values, ...more } };
}

function branching(
  condition: string,
  outputs: string[],
  then: ReturnType<typeof branch>,
  otherwise: ReturnType<typeof branch>,
): NodeSpec {
  const attributes = { then_branch: then, else_branch: otherwise };
  return { op: "If", name: `If ${outputs[0]}`, inputs: [condition], outputs, attributes };
}

const x = { name: "x", type: "float32", shape: ["n"] } as const;
const flag = { name: "flag", type: "bool", shape: [] } as const;
const output = (name: string) => ({ name, type: "float32" }) as const;

/** y = flag ? relu(x) : -x, with names that both branches use. */
const simple: ModelSpec = {
  nodes: [
    branching(
      "flag",
      ["y"],
      branch([node("Relu", ["x"], "r")], ["r"]),
      branch([node("Neg", ["x"], "r")], ["r"]),
    ),
  ],
  inputs: [x, flag],
  outputs: [output("y")],
};

const feed = (data: number[]) => floats([data.length], data);

async function run(session: TestSession, data: number[], value: boolean): Promise<number[]> {
  return numbers((await session.fetch({ x: feed(data), flag: bool(value) }, "y")).y);
}

describe("If", () => {
  it("runs the branch that the feed picks, without asking the device", async () => {
    const session = openSession(simple, context);
    assert.deepEqual(await run(session, [-1, 2], true), [0, 2]);
    assert.deepEqual(await run(session, [-1, 2], false), [1, -2]);
    const { bytes, nodes, graphs } = session.report();
    assert.deepEqual(bytes.byName["flag"], undefined);
    assert.deepEqual(nodes, { webnn: 2, host: 1 });
    assert.equal(graphs, 2);
  });

  it("builds only the branch that runs", async () => {
    const session = openSession(simple, context);
    await run(session, [1], true);
    assert.equal(session.report().graphs, 1);
    assert.equal(session.report().nodes.webnn, 1);
  });

  it("reads a condition that the device computes: one byte", async () => {
    const session = openSession(
      {
        ...simple,
        nodes: [
          node("ReduceSum", ["x"], "sum", { keepdims: { int: 0 } }),
          node("Greater", ["sum", "zero"], "positive"),
          { ...simple.nodes[0]!, inputs: ["positive"] },
        ],
        inputs: [x],
        initializers: { zero: f32([], [0]) },
      },
      context,
    );
    const value = async (data: number[]) => numbers((await session.fetch({ x: feed(data) })).y);
    assert.deepEqual(await value([-1, 2]), [0, 2]);
    assert.deepEqual(await value([1, -2]), [-1, 2]);
    assert.deepEqual(session.report().bytes.byName["positive"], { written: 0, read: 2 });
  });

  it("decides on a shape without a device", async () => {
    const session = openSession(
      {
        ...simple,
        nodes: [
          node("Shape", ["x"], "shape"),
          node("Gather", ["shape", "zero"], "n", { axis: { int: 0 } }),
          node("Equal", ["n", "one"], "single"),
          { ...simple.nodes[0]!, inputs: ["single"] },
        ],
        inputs: [x],
        initializers: { zero: i64([], [0]), one: i64([], [1]) },
      },
      context,
    );
    const value = async (data: number[]) => numbers((await session.fetch({ x: feed(data) })).y);
    assert.deepEqual(await value([-1]), [0]);
    assert.deepEqual(await value([-1, 2]), [1, -2]);
    assert.deepEqual(await value([-1, 2, 3]), [1, -2, -3]);
    assert.equal(session.report().graphs, 2);
    assert.equal(session.report().bytes.read, 4 + 8 + 12);
  });

  it("moves nodes that one branch uses into it", async () => {
    const session = openSession(
      {
        nodes: [
          node("Exp", ["x"], "e"),
          node("Sqrt", ["e"], "s"),
          branching(
            "flag",
            ["y"],
            branch([node("Relu", ["x"], "r")], ["r"]),
            branch([node("Neg", ["s"], "r")], ["r"]),
          ),
        ],
        inputs: [x, flag],
        outputs: [output("y")],
      },
      context,
    );
    assert.deepEqual(await run(session, [-1, 2], true), [0, 2]);
    assert.deepEqual(session.report().nodes, { webnn: 1, host: 1 });
    assert.deepEqual(await run(session, [0, 0], false), [-1, -1]);
    assert.deepEqual(session.report().nodes, { webnn: 4, host: 1 });
    assert.equal(session.report().graphs, 2);
  });

  it("computes what both branches use before it", async () => {
    const session = openSession(
      {
        nodes: [
          node("Abs", ["x"], "a"),
          branching(
            "flag",
            ["y"],
            branch([node("Neg", ["a"], "r")], ["r"]),
            branch([node("Add", ["a", "a"], "r")], ["r"]),
          ),
          node("Add", ["y", "a"], "z"),
        ],
        inputs: [x, flag],
        outputs: [output("y"), output("z")],
      },
      context,
    );
    const z = async (value: boolean) =>
      numbers((await session.fetch({ x: feed([-1, 2]), flag: bool(value) }, "z")).z);
    assert.deepEqual(await z(true), [0, 0]);
    assert.deepEqual(await z(false), [3, 6]);
    // One for Abs, one for each branch, one for the sum.
    assert.equal(session.report().graphs, 4);
  });

  it("runs no more of a branch than the fetches ask for", async () => {
    const both = (ops: readonly [string, string]) =>
      branch([node(ops[0], ["x"], "p"), node(ops[1], ["x"], "q")], ["p", "q"]);
    const session = openSession(
      {
        nodes: [branching("flag", ["y", "z"], both(["Relu", "Abs"]), both(["Neg", "Exp"]))],
        inputs: [x, flag],
        outputs: [output("y"), output("z")],
      },
      context,
    );
    assert.deepEqual(await run(session, [-1], true), [0]);
    assert.equal(session.report().nodes.webnn, 1);
    const { y, z } = await session.fetch({ x: feed([-3]), flag: bool(true) });
    assert.deepEqual([await numbers(y), await numbers(z)], [[0], [3]]);
  });

  it("gives constants, empty ones, captures and feeds as results", async () => {
    const session = openSession(
      {
        nodes: [
          branching(
            "flag",
            ["y", "z"],
            branch([], ["c", "e"], { initializers: { c: f32([2], [5, 6]), e: f32([0, 3], []) } }),
            branch([], ["x", "big"]),
          ),
        ],
        inputs: [x, flag],
        outputs: [output("y"), output("z")],
        initializers: { big: f32([300], new Array<number>(300).fill(7)) },
      },
      context,
    );
    const chosen = await session.fetch({ x: feed([1]), flag: bool(true) });
    assert.deepEqual(await numbers(chosen["y"]), [5, 6]);
    assert.deepEqual(chosen["z"]!.dims, [0, 3]);
    const other = await session.fetch({ x: feed([1]), flag: bool(false) });
    assert.deepEqual(await numbers(other["y"]), [1]);
    assert.equal((await numbers(other["z"])).length, 300);
    assert.equal(session.report().graphs, 0);
  });

  it("nests", async () => {
    const inner = branching(
      "inside",
      ["i"],
      branch([node("Abs", ["a"], "r")], ["r"]),
      branch([node("Neg", ["a"], "r2"), node("Add", ["r2", "w"], "r3")], ["r3"]),
    );
    const session = openSession(
      {
        nodes: [
          node("Add", ["x", "x"], "a"),
          branching(
            "flag",
            ["y"],
            branch([inner], ["i"]),
            branch([node("Relu", ["a"], "o")], ["o"]),
          ),
        ],
        inputs: [x, flag, { name: "inside", type: "bool", shape: [] }],
        outputs: [output("y")],
        initializers: { w: f32([1], [100]) },
      },
      context,
    );
    const value = async (outer: boolean, inside: boolean) =>
      numbers(
        (await session.fetch({ x: feed([-1, 2]), flag: bool(outer), inside: bool(inside) })).y,
      );
    assert.deepEqual(await value(true, true), [2, 4]);
    assert.deepEqual(await value(true, false), [102, 96]);
    assert.deepEqual(await value(false, true), [0, 4]);
    assert.equal(session.report().nodes.host, 2);
  });

  it("may stand twice, one upon the other", async () => {
    const second = branching(
      "flag",
      ["z"],
      branch([node("Neg", ["y"], "r")], ["r"]),
      branch([node("Exp", ["y"], "r")], ["r"]),
    );
    const session = openSession(
      { ...simple, nodes: [...simple.nodes, second], outputs: [output("z")] },
      context,
    );
    const z = async (data: number[], value: boolean) =>
      numbers((await session.fetch({ x: feed(data), flag: bool(value) })).z);
    assert.deepEqual(await z([1, 2], true), [-1, -2]);
    assert.deepEqual(await z([0, 0], false), [1, 1]);
  });

  it("shares weights between its branches", async () => {
    const session = openSession(
      {
        nodes: [
          branching(
            "flag",
            ["y"],
            branch([node("Add", ["x", "w"], "r")], ["r"]),
            branch([node("Mul", ["x", "w"], "r")], ["r"]),
          ),
        ],
        inputs: [x, flag],
        outputs: [output("y")],
        initializers: { w: f32([512], new Array<number>(512).fill(2)) },
      },
      context,
    );
    assert.equal((await run(session, [1], true)).at(-1), 3);
    assert.equal((await run(session, [4], false)).at(-1), 8);
    assert.equal(session.report().bytes.constants, 2048);
  });

  it("does not look at feeds of the other branch, which may be empty", async () => {
    const session = openSession(
      {
        nodes: [
          branching(
            "flag",
            ["y"],
            branch([node("Add", ["x", "past"], "r")], ["r"]),
            branch([node("Neg", ["x"], "r")], ["r"]),
          ),
        ],
        inputs: [x, flag, { name: "past", type: "float32", shape: ["p"] }],
        outputs: [output("y")],
      },
      context,
    );
    const { y } = await session.fetch({ x: feed([1, 2]), flag: bool(false), past: floats([0]) });
    assert.deepEqual(await numbers(y), [-1, -2]);
    assert.equal(session.report().bytes.byName["past"], undefined);
  });

  it("needs both branches", () => {
    const broken = { ...simple.nodes[0]!, attributes: {} };
    assert.throws(
      () => openSession({ ...simple, nodes: [broken] }, context),
      /If 'If y' has no then_branch/,
    );
  });
});

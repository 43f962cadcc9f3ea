/** Models that ask for more memory than there is: the error says how much, and session, context and process go on. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { OnnxMemoryError, OnnxModelError } from "../../../adapters/onnxruntime/errors.ts";
import { compile } from "../../../core-webnn/api/compile.ts";
import { createContext, type MLContext } from "../../../core-webnn/api/ml-context.ts";
import { createCpuDevice } from "../../../core-webnn/cpu/device.ts";
import { extensions } from "../../../core-webnn/index.ts";
import { a, b, model } from "./addition.ts";
import { f32, type ModelSpec } from "./onnx-writer.ts";
import { openSession, type TestSession } from "./open-session.ts";
import { floats, integers, numbers } from "./tensors.ts";

/** Of the whole device, in whole pages of 64 KiB. */
const limit = 8 * 2 ** 20;

let context: MLContext;
beforeEach(async () => {
  const options = { threads: 1, sharedMemory: false, maxMemoryByteLength: limit };
  const device = await createCpuDevice(options);
  context = createContext({
    device,
    build: async (program, graph) => device.load(program, compile(graph, device.facts)),
    close: () => device.destroy(),
    threads: { compile: "this thread", dispatch: "this thread" },
  });
});
afterEach(() => context.destroy());

async function bytesInUse(): Promise<number> {
  const offered = extensions(context);
  assert.ok(offered.dynamicDimensions);
  const { bytes } = await offered.statistics();
  return Object.values(bytes).reduce((sum, length) => sum + length, 0);
}

async function addsRight(session: TestSession): Promise<void> {
  const { sum } = await session.fetch({ a: a(), b: b() });
  assert.deepEqual(await numbers(sum), [11, 22]);
}

/** `length` floats that the model makes of one. */
const expand: ModelSpec = {
  nodes: [{ op: "Expand", name: "grow", inputs: ["x", "length"], outputs: ["y"] }],
  inputs: [
    { name: "x", type: "float32", shape: [1] },
    { name: "length", type: "int64", shape: [1] },
  ],
  outputs: [{ name: "y", type: "float32" }],
};

/** The n² elements of the product and of its softmax lie in the arena; y is what the rows of the softmax add up to. */
const outer: ModelSpec = {
  nodes: [
    { op: "MatMul", name: "product", inputs: ["x", "row"], outputs: ["xx"] },
    { op: "Softmax", name: "rows", inputs: ["xx"], outputs: ["s"] },
    { op: "MatMul", name: "back", inputs: ["s", "x"], outputs: ["y"] },
  ],
  inputs: [
    { name: "x", type: "float32", shape: ["n", 1] },
    { name: "row", type: "float32", shape: [1, "n"] },
  ],
  outputs: [{ name: "y", type: "float32" }],
};

function expectNoMemory(run: Promise<unknown>, says: RegExp): Promise<void> {
  return assert.rejects(run, (error) => {
    assert.ok(error instanceof OnnxMemoryError, String(error));
    assert.match(error.message, says);
    assert.match(error.message, new RegExp(`at most ${limit} are in use`));
    return true;
  });
}

describe("without memory", () => {
  it("for a feed: it says how many bytes, and the session goes on", async () => {
    const session = openSession(model, context);
    await addsRight(session);
    for (const rows of [2 ** 18, 2 ** 20]) {
      const long = floats([rows, 2]);
      await expectNoMemory(session.fetch({ a: long, b: long }), new RegExp(`needs ${rows * 8} by`));
      // What the failed run had taken is free again, for other sessions too.
      assert.ok((await bytesInUse()) < 1000);
      await addsRight(session);
      await addsRight(openSession(model, context));
    }
  });

  it("for a result", async () => {
    const session = openSession(expand, context);
    const grow = async (length: number) =>
      numbers((await session.fetch({ x: floats([1], [7]), length: integers([1], [length]) })).y);
    assert.deepEqual(await grow(2), [7, 7]);
    await expectNoMemory(grow(2 ** 22), /a tensor needs 16777216 bytes/);
    assert.deepEqual(await grow(3), [7, 7, 7]);
    // More than any tensor may have is not built at all.
    await assert.rejects(grow(2 ** 30), (error) => {
      assert.ok(error instanceof OnnxModelError);
      assert.match(error.message, /'grow'.* takes 4294967296 bytes, over 21\d{8}/);
      return true;
    });
    assert.deepEqual(await grow(2), [7, 7]);
  });

  it("for intermediate values", async () => {
    const session = openSession(outer, context);
    const means = async (n: number) => {
      const ones = new Array<number>(n).fill(1);
      const { y } = await session.fetch({ x: floats([n, 1], ones), row: floats([1, n], ones) });
      return numbers(y);
    };
    assert.deepEqual(await means(2), [1, 1]);
    await expectNoMemory(means(2048), /the arena of intermediate values needs \d{8} bytes/);
    assert.deepEqual(await means(4), [1, 1, 1, 1]);
  });

  it("for the model's constants: others run as before", async () => {
    const other = openSession(model, context);
    await addsRight(other);
    const before = await bytesInUse();
    const count = 3 * 2 ** 20;
    const session = openSession(
      {
        nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
        inputs: [{ name: "x", type: "float32", shape: [1] }],
        outputs: [{ name: "y", type: "float32" }],
        initializers: { w: f32([count], new Array<number>(count).fill(1)) },
      },
      context,
    );
    await expectNoMemory(session.fetch({ x: floats([1]) }), /constant '.*' needs 12582912 bytes/);
    await session.dispose();
    assert.equal(await bytesInUse(), before);
    await addsRight(other);
  });

  it("but for what earlier runs left: that is given up first", async () => {
    const session = openSession(model, context);
    const sumOf = async (rows: number) => {
      const ones = floats([rows, 2], new Array<number>(2 * rows).fill(1));
      return (await numbers((await session.fetch({ a: ones, b: ones }, "sum")).sum))[0];
    };
    // Three tensors each: 6 MiB, and then 6.75, where 8 are.
    assert.equal(await sumOf(2 ** 18), 2);
    assert.equal(await sumOf(9 * 2 ** 15), 2);
  });
});

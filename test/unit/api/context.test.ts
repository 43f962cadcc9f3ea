/** MLContext, MLTensor and MLGraph: lifecycles, order of commands, and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extensions } from "../../../core-webnn/api/extensions.ts";
import { createContext, type MLContext } from "../../../core-webnn/api/ml-context.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import type { MLGraphBuilderMethods } from "../../../core-webnn/api/ml-graph-builder-methods.ts";
import type { MLGraph } from "../../../core-webnn/api/ml-graph.ts";
import { standardRows } from "../../../core-webnn/ops/table.ts";
import {
  interpreterBackend,
  cpuLikeFacts,
  type InterpreterDevice,
} from "../../reference/interpreter-device.ts";
import { decode, newContext } from "../ops/run-graph.ts";

const vector = { dataType: "float32", shape: [2] } as const;
const readable = { ...vector, readable: true };
const writable = { ...vector, writable: true };

async function setUp(): Promise<{ context: MLContext; device: InterpreterDevice; graph: MLGraph }> {
  const backend = interpreterBackend();
  const context = createContext(backend);
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", vector);
  const graph = await builder.build({ y: builder.neg(x) });
  return { context, device: backend.device, graph };
}

test("a tensor is written, used and read in the order of the calls", async () => {
  const { context, device, graph } = await setUp();
  const x = await context.createTensor(writable);
  const y = await context.createTensor(readable);
  const bytes = new Float32Array([1, 2]);
  context.writeTensor(x, bytes);
  bytes.fill(9);
  context.dispatch(graph, { x }, { y });
  const reading = context.readTensor(y);
  context.writeTensor(x, new Float32Array([5, 5]));
  assert.deepEqual(decode("float32", await reading), [-1, -2]);
  const commands = ["writeTensor", "dispatch", "readTensor", "writeTensor"];
  assert.deepEqual(device.log.slice(-4), commands);
});

test("a tensor starts as zeros and says what it is", async () => {
  const { context } = await setUp();
  const tensor = await context.createTensor({ ...readable, writable: true });
  assert.deepEqual(decode("float32", await context.readTensor(tensor)), [0, 0]);
  const { dataType, shape, constant } = tensor;
  assert.deepEqual([dataType, shape, constant], ["float32", [2], false]);
  assert.deepEqual([tensor.readable, tensor.writable], [true, true]);
  // LiteRT.js keeps a note of its own on tensors.
  Object.assign(tensor, { note: 1 });
});

test("reads fill a buffer of the caller, also a shared one, and through a view", async () => {
  const { context } = await setUp();
  const tensor = await context.createTensor({ ...readable, writable: true });
  const shared = new SharedArrayBuffer(16);
  context.writeTensor(tensor, new Float32Array(shared, 8, 2).fill(3));
  const view = new Uint8Array(new SharedArrayBuffer(24), 8, 8);
  assert.equal(await context.readTensor(tensor, view), undefined);
  assert.deepEqual([...new Float32Array(view.buffer, 8, 2)], [3, 3]);
});

test("reads fill a slice of a heap, as compiled C++ names it", async () => {
  const { context } = await setUp();
  const tensor = await context.createTensor({ ...readable, writable: true });
  context.writeTensor(tensor, Float32Array.of(3, -3));
  const heap = new Int8Array(24);
  await context.readTensor(tensor, heap.subarray(8, 16));
  assert.deepEqual([...new Float32Array(heap.buffer)], [0, 0, 3, -3, 0, 0]);
});

test("a buffer that is detached before its read comes back is refused", async () => {
  const { context } = await setUp();
  const tensor = await context.createTensor(readable);
  const buffer = new ArrayBuffer(8);
  const reading = context.readTensor(tensor, buffer);
  structuredClone(buffer, { transfer: [buffer] });
  await assert.rejects(reading, TypeError);
});

const refusals: readonly {
  why: string;
  call: (context: MLContext) => Promise<unknown>;
  says: RegExp;
}[] = [
  {
    why: "a size of 0",
    call: (c) => c.createTensor({ dataType: "float32", shape: [2, 0] }),
    says: /size 0 in dimension 1/,
  },
  {
    why: "a named size",
    call: (c) => c.createTensor({ dataType: "float32", shape: [{ name: "n" } as never] }),
    says: /shape\[0\] is NaN/,
  },
  {
    why: "more bytes than a tensor can have",
    call: (c) => c.createTensor({ dataType: "float32", shape: [2 ** 30] }),
    says: /takes 4294967296 bytes, over 2147483647/,
  },
  {
    why: "a constant of too few bytes",
    call: (c) => c.createConstantTensor(vector, new Float32Array(1)),
    says: /4 bytes, not the 8 of float32\[2\]/,
  },
  {
    why: "reading what is not readable",
    call: async (c) => c.readTensor(await c.createTensor(writable)),
    says: /not readable/,
  },
  {
    why: "reading a constant",
    call: async (c) => c.readTensor(await c.createConstantTensor(vector, new Float32Array(2))),
    says: /not readable/,
  },
  {
    why: "reading into too small a buffer",
    call: async (c) => c.readTensor(await c.createTensor(readable), new ArrayBuffer(4)),
    says: /outputData has 4 bytes/,
  },
  {
    why: "reading float32 into a whole Int8Array",
    call: async (c) => c.readTensor(await c.createTensor(readable), new Int8Array(8)),
    says: /outputData is a Int8Array, which does not hold float32/,
  },
  {
    why: "writing what is not writable",
    call: async (c) => c.writeTensor(await c.createTensor(readable), new Float32Array(2)),
    says: /not writable/,
  },
  {
    why: "writing bytes that are none",
    call: async (c) => c.writeTensor(await c.createTensor(writable), [1, 2] as never),
    says: /inputData is not an ArrayBuffer/,
  },
  {
    why: "another context's tensor",
    call: async (c) => c.readTensor(await newContext().createTensor(readable)),
    says: /belongs to another context/,
  },
  {
    why: "what is no tensor",
    call: (c) => c.readTensor({} as never),
    says: /tensor is not an MLTensor/,
  },
];

for (const { why, call, says } of refusals) {
  test(`${why} is refused`, async () => {
    const { context } = await setUp();
    await assert.rejects(
      () => call(context),
      (error) => error instanceof TypeError && says.test(error.message),
    );
  });
}

test("dispatch refuses tensors that do not fit, each by its name", async () => {
  const { context, graph } = await setUp();
  const make = context.createTensor.bind(context);
  const [x, y] = [await make(vector), await make(vector)];
  const long = await make({ dataType: "float32", shape: [3] });
  const whole = await make({ dataType: "int32", shape: [2] });
  const constant = await context.createConstantTensor(vector, new Float32Array(2));
  const destroyed = await make(vector);
  destroyed.destroy();
  const cases = [
    [{}, { y }, /input 'x' is missing/],
    [{ x, z: long }, { y }, /no input 'z', only x/],
    [{ x }, {}, /output 'y' is missing/],
    [{ x }, { y: x }, /^dispatch: output 'y' is the same tensor as input 'x'$/],
    [{ x: long }, { y }, /input 'x' has shape \[3\], not \[2\]/],
    [{ x: whole }, { y }, /input 'x' is int32, not float32/],
    [{ x }, { y: long }, /output 'y' has shape \[3\], not \[2\]/],
    [{ x: constant }, { y }, /input 'x' is a constant tensor/],
    [{ x: destroyed }, { y }, /input 'x' was destroyed/],
  ] as const;
  for (const [inputs, outputs, says] of cases) {
    assert.throws(
      () => context.dispatch(graph, inputs as never, outputs as never),
      (error) => error instanceof TypeError && says.test(error.message),
    );
  }
});

test("a destroyed graph is an invalid state, another context's a type error", async () => {
  const { context, device, graph } = await setUp();
  const x = await context.createTensor(vector);
  const y = await context.createTensor(vector);
  assert.throws(() => newContext().dispatch(graph, { x }, { y }), TypeError);
  graph.destroy();
  graph.destroy();
  assert.deepEqual(device.log.filter((line) => line === "unload").length, 1);
  assert.throws(() => context.dispatch(graph, { x }, { y }), { name: "InvalidStateError" });
});

test("destroying a tensor rejects its reads and frees it once", async () => {
  const { context, device } = await setUp();
  const tensor = await context.createTensor(readable);
  const reading = context.readTensor(tensor);
  tensor.destroy();
  tensor.destroy();
  await assert.rejects(reading, { name: "InvalidStateError" });
  await assert.rejects(context.readTensor(tensor), /tensor was destroyed/);
  assert.equal(device.log.filter((line) => line === "destroyTensor").length, 1);
});

test("destroying a context loses it, with its tensors and graphs", async () => {
  const { context, device, graph } = await setUp();
  const tensor = await context.createTensor(readable);
  const reading = context.readTensor(tensor);
  context.destroy();
  context.destroy();
  assert.deepEqual(await context.lost, { message: "the context was destroyed" });
  await assert.rejects(reading, { name: "InvalidStateError" });
  assert.throws(() => context.dispatch(graph, {}, {}), { name: "InvalidStateError" });
  await assert.rejects(context.createTensor(vector), { name: "InvalidStateError" });
  assert.throws(() => new MLGraphBuilder(context), { name: "InvalidStateError" });
  assert.equal(device.log.filter((line) => line === "destroy").length, 1);
});

test("a device that is lost takes its context along", async () => {
  const { context, device } = await setUp();
  const builder = new MLGraphBuilder(context);
  device.lose("the driver crashed");
  assert.deepEqual(await context.lost, { message: "the driver crashed" });
  assert.throws(() => builder.input("x", vector), { name: "InvalidStateError" });
});

test("what a device cannot hold is an UnknownError that says why", async () => {
  const backend = interpreterBackend();
  const createTensor = async (): Promise<void> => {
    throw new RangeError("no memory for 8 bytes");
  };
  const context = createContext({ ...backend, device: { ...backend.device, createTensor } });
  await assert.rejects(context.createTensor(vector), {
    name: "UnknownError",
    message: "no memory for 8 bytes",
  });
});

test("graphs say where they run", async () => {
  const { context, graph } = await setUp();
  assert.deepEqual(graph.devices, ["cpu"]);
  assert.equal(context.accelerated, false);
});

test("opSupportLimits is complete: frameworks look up every operand's types and ranks", () => {
  const limits = newContext().opSupportLimits();
  for (const row of standardRows) {
    const op = limits[row.name as keyof MLGraphBuilderMethods];
    const operands = Object.entries({ ...row.args, ...row.options }).filter(([, { kind }]) =>
      kind.startsWith("operand"),
    );
    for (const name of [...operands.map(([key]) => key), ...Object.keys(row.outputs)]) {
      const { dataTypes, rankRange } = op[name]!;
      assert.ok(dataTypes.length > 0, `${row.name}.${name}`);
      assert.ok(rankRange.min <= rankRange.max && rankRange.max <= 8, `${row.name}.${name}`);
    }
  }
  assert.deepEqual(limits["gemm"]!["c"], {
    dataTypes: ["float32", "float16"],
    rankRange: { min: 0, max: 2 },
  });
  assert.equal(limits.preferredInputLayout, "nchw");
  assert.deepEqual(limits.input.rankRange, { min: 0, max: 8 });
  assert.ok(limits.constant.dataTypes.includes("uint4"));
  assert.deepEqual(limits.input, limits.constant);
  assert.deepEqual(limits.output, limits.constant);
  assert.ok(limits["quantizeLinear"]!["output"]!.dataTypes.includes("int4"));
  assert.ok(!limits["transpose"]!["input"]!.dataTypes.includes("int4"));
});

test("opSupportLimits leaves out what the device does not have", () => {
  const facts = { ...cpuLikeFacts, dataTypes: ["float32", "int32", "uint8"] as const };
  const limits = createContext(interpreterBackend(facts)).opSupportLimits();
  assert.deepEqual(limits["relu"]!["output"]!.dataTypes, ["float32", "int32"]);
  assert.deepEqual(limits["where"]!["condition"]!.dataTypes, ["uint8"]);
  const builder = new MLGraphBuilder(createContext(interpreterBackend(facts)));
  const x = builder.input("x", vector);
  assert.throws(() => builder.cast(x, "int64"), /the output is int64, not one of/);
});

test("extensions are those of our own contexts", async () => {
  assert.deepEqual(extensions({}), { dynamicDimensions: false });
  const offered = extensions(newContext());
  assert.ok(offered.dynamicDimensions);
  assert.equal((await offered.statistics()).description, "interpreter");
});

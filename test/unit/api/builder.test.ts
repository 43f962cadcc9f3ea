/** MLGraphBuilder: what it refuses and with which words, and what a build asks of the device. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createContext, type MLContext } from "../../../core-webnn/api/ml-context.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import { MLOperand } from "../../../core-webnn/api/ml-operand.ts";
import { standardRows } from "../../../core-webnn/ops/table.ts";
import { interpreterBackend, type InterpreterDevice } from "../../reference/interpreter-device.ts";
import { decode, newContext } from "../ops/run-graph.ts";

const scalar = { dataType: "float32", shape: [] } as const;
const matrix = { dataType: "float32", shape: [2, 3] } as const;

/** A builder whose methods take anything: the callers under test are JavaScript's. */
type Loose = Record<string, (...args: unknown[]) => MLOperand>;

function setUp(): {
  context: MLContext;
  device: InterpreterDevice;
  builder: MLGraphBuilder;
  loose: Loose;
  x: MLOperand;
} {
  const backend = interpreterBackend();
  const context = createContext(backend);
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", matrix);
  return { context, device: backend.device, builder, loose: builder as unknown as Loose, x };
}

test("every row is a method", () => {
  const { loose } = setUp();
  for (const { name } of standardRows) assert.equal(typeof loose[name], "function", name);
});

const refusals: readonly { call: (b: Loose, x: MLOperand) => unknown; says: string }[] = [
  { call: (b) => b["add"]!(), says: "add: 2 arguments are required, 0 are given" },
  { call: (b, x) => b["add"]!(x, 3), says: "add: b is not an MLOperand" },
  {
    call: (b, x) => b["softmax"]!(x, 4, { label: "decoder.3" }),
    says: "softmax 'decoder.3': axis 4 is out of range for rank 2 [decoder.3]",
  },
  {
    call: (b, x) => b["softmax"]!(x, -1),
    says: "softmax: axis is -1, not an integer from 0 to 4294967295",
  },
  {
    call: (b, x) => b["logicalNot"]!(x, { label: "l" }),
    says: "logicalNot 'l': a is float32, not one of uint8 [l]",
  },
  {
    call: (b, x) => b["add"]!(x, b["cast"]!(x, "int32")),
    says: "add: b is int32, not float32 as a",
  },
  { call: (b, x) => b["conv2d"]!(x, x), says: "conv2d: input has rank 2, not 4" },
  {
    call: (b, x) => b["matmul"]!(x, x),
    says: "matmul: columns of a and rows of b: 3 is not equal to 2",
  },
  {
    call: (b, x) => b["reshape"]!(x, [4, 2], { label: "r" }),
    says: "reshape 'r': element counts of shapes [2, 3] and [4, 2]: 6 is not equal to 8 [r]",
  },
  {
    call: (b, x) => b["reshape"]!(x, [6, 0]),
    says: "reshape: element counts of shapes [2, 3] and [6, 0]: 6 is not equal to 0",
  },
  {
    call: (b, x) => b["transpose"]!(x, { permutation: [0, 0] }),
    says: "transpose: permutation [0, 0] repeat a dimension",
  },
  {
    call: (b, x) => b["clamp"]!(x, { minValue: 2, maxValue: 1 }),
    says: "clamp: minValue 2 is greater than maxValue 1",
  },
  { call: (b, x) => b["elu"]!(x, { alpha: NaN }), says: "elu: alpha is NaN, not a finite number" },
  { call: (b, x) => b["elu"]!(x, 5), says: "elu: options is number, not a dictionary" },
  {
    call: (b, x) => b["pad"]!(x, [0, 0], [0, 0], { mode: "mirror" }),
    says: 'pad: mode is "mirror", not one of constant, edge, reflection',
  },
  {
    call: (b, x) => b["argMax"]!(x, 0, { outputDataType: "float32" }),
    says: "argMax: outputDataType float32 is not one of int32, int64",
  },
  {
    call: (b, x) => b["split"]!(x, 2, { axis: 1 }),
    says: "split: dimension 1 in 2 equal parts: 3 is not equal to 2",
  },
  { call: (b) => b["concat"]!([], 0), says: "concat: inputs must not be empty" },
  {
    call: (b, x) => b["concat"]!(Array(8193).fill(x), 0),
    says: "concat: inputs are 8193 tensors, not 1 to 8192",
  },
  { call: (b, x) => b["split"]!(x, 0), says: "split: splits makes 0 tensors, not 1 to 8192" },
  { call: (b, x) => b["split"]!(x, []), says: "split: splits makes 0 tensors, not 1 to 8192" },
  {
    call: (b, x) => b["split"]!(x, 8193),
    says: "split: splits makes 8193 tensors, not 1 to 8192",
  },
  {
    call: (b, x) => b["expand"]!(x, [2 ** 31, 2, 3]),
    says: "expand: the output has size 2147483648 in dimension 0, not 1 to 2147483647",
  },
  {
    call: (b, x) => b["expand"]!(x, [2 ** 20, 2 ** 20, 2, 3]),
    says: "expand: the output [1048576, 1048576, 2, 3] has 6597069766656 elements, over 2147483647",
  },
];

for (const { call, says } of refusals) {
  test(`refused: ${says}`, () => {
    const { loose, x } = setUp();
    assert.throws(
      () => call(loose, x),
      (error) => error instanceof TypeError && error.message === says,
    );
  });
}

/** A dictionary that notes which of its members are read. */
function noting(members: Readonly<Record<string, unknown>>, read: string[]): object {
  const getters = Object.keys(members).map((name) => [
    name,
    { get: () => (read.push(name), members[name]) },
  ]);
  return Object.defineProperties({}, Object.fromEntries(getters) as PropertyDescriptorMap);
}

test("members of dictionaries are read as WebIDL does: inherited ones first, by name, each once", async () => {
  const { context, loose, x } = setUp();
  const read: string[] = [];
  const filter = loose["input"]!("filter", noting({ shape: [1, 1, 1, 1], dataType: "float32" }, read)); // prettier-ignore
  await context.createTensor(noting({ writable: 1, readable: 1, ...matrix }, read) as never);
  const image = loose["reshape"]!(x, [1, 1, 2, 3]);
  const given = { strides: [1, 1], padding: [0, 0, 0, 0], label: "l", groups: 1, bias: undefined };
  loose["conv2d"]!(image, filter, noting(given, read));
  const inOrder = `
    dataType shape
    dataType shape readable writable
    label bias groups padding strides`;
  assert.deepEqual(read, inOrder.trim().split(/\s+/));
});

test("a label that is no string is refused by the op's name", () => {
  const { loose, x } = setUp();
  assert.throws(
    () => loose["neg"]!(x, { label: Symbol("l") }),
    (error) =>
      error instanceof TypeError && error.message === "neg: label is a symbol, not a string",
  );
});

test("a label's control characters are escaped", () => {
  const { loose, x } = setUp();
  assert.throws(
    () => loose["softmax"]!(x, 9, { label: "a\u202eb\n" }),
    /\[a\\u\{202e\}b\\u\{a\}\]$/,
  );
});

test("operands of another builder are refused", () => {
  const [one, two] = [setUp(), setUp()];
  assert.throws(() => one.builder.neg(two.x), /input belongs to another builder/);
});

const badInputs: readonly { args: [string, object]; says: RegExp }[] = [
  { args: ["", matrix], says: /^input: name is empty$/ },
  { args: ["x", matrix], says: /^input: name 'x' is another input's already$/ },
  { args: ["y", { dataType: "float32", shape: [0] }], says: /size 0 in dimension 0, not 1 to/ },
  { args: ["y", { dataType: "bool", shape: [2] }], says: /dataType is "bool"/ },
  { args: ["y", { dataType: "float32" }], says: /descriptor\.shape is required, and not given/ },
  { args: ["y", { dataType: "float32", shape: Array(9).fill(1) }], says: /rank 9, more than 8/ },
];

for (const { args, says } of badInputs) {
  test(`input ${JSON.stringify(args)} is refused`, () => {
    const { loose } = setUp();
    assert.throws(
      () => loose["input"]!(...args),
      (error) => error instanceof TypeError && says.test(error.message),
    );
  });
}

test("operands say their type and their shape", () => {
  const { builder, x } = setUp();
  const [a, b] = builder.split(builder.cast(x, "int8"), [1, 2], { axis: 1 });
  assert.deepEqual([a!.dataType, a!.shape, b!.shape], ["int8", [2, 1], [2, 2]]);
  assert.equal(a!.shape, a!.shape);
  assert.ok(Object.isFrozen(a!.shape));
});

test("interfaces cannot be constructed", () => {
  const Constructor = MLOperand as unknown as new () => MLOperand;
  assert.throws(() => new Constructor(), /Illegal constructor/);
});

test("constants are copied at once, and must fit their descriptor", async () => {
  const { context, builder } = setUp();
  const bytes = new Float32Array([1, 2, 3, 4, 5, 6]);
  const constant = builder.constant(matrix, bytes);
  bytes.fill(0);
  const graph = await builder.build({ y: builder.neg(constant) });
  const y = await context.createTensor({ ...matrix, readable: true });
  context.dispatch(graph, {}, { y });
  assert.deepEqual(decode("float32", await context.readTensor(y)), [-1, -2, -3, -4, -5, -6]);
  const other = new MLGraphBuilder(context);
  assert.throws(
    () => other.constant(matrix, new Float32Array(5)),
    /20 bytes, not the 24 of float32\[2, 3\]/,
  );
  assert.throws(() => other.constant(matrix, new Int32Array(6)), /Int32Array, which does not hold/);
  assert.doesNotThrow(() => other.constant(matrix, new Uint8Array(24)));
  assert.doesNotThrow(() => other.constant(matrix, new SharedArrayBuffer(24)));
});

test("scalar constants are cast to their type", async () => {
  const { context, builder } = setUp();
  const cases = [
    ["int8", 300, 127],
    ["uint8", -1, 0],
    ["int32", 2.5, 2],
    ["int64", 2n ** 62n, 2n ** 62n],
    ["uint64", -5, 0n],
    ["float16", 2049, 2048],
    ["float32", 1e300, Infinity],
  ] as const;
  const made = cases.map(([type, value]) => builder.identity(builder.constant(type, value)));
  const graph = await builder.build(Object.fromEntries(made.map((y, i) => [`y${i}`, y])));
  const outputs = await Promise.all(
    cases.map(([dataType]) => context.createTensor({ dataType, shape: [], readable: true })),
  );
  context.dispatch(graph, {}, Object.fromEntries(outputs.map((y, i) => [`y${i}`, y])));
  for (const [i, [type, , expected]] of cases.entries()) {
    assert.deepEqual(decode(type, await context.readTensor(outputs[i]!)), [expected], type);
  }
});

test("a build uploads what its outputs need, once, and lets it go when it is loaded", async () => {
  const { device, builder, x } = setUp();
  const used = builder.constant(matrix, new Float32Array(6));
  const unused = builder.constant({ dataType: "float32", shape: [2000] }, new Float32Array(2000));
  builder.neg(unused);
  const sum = builder.add(builder.add(x, used), used);
  await builder.build({ y: sum });
  assert.deepEqual(device.log, ["addConstant 24", "load", "removeConstant"]);
});

test("a build whose outputs are wrong is refused, and the builder stays usable", async () => {
  const { builder, x } = setUp();
  const y = builder.neg(x);
  const build = (outputs: unknown) => builder.build(outputs as Record<string, MLOperand>);
  await assert.rejects(build({}), TypeError);
  await assert.rejects(build({ "": y }), /name of an output is empty/);
  await assert.rejects(build({ x }), /output 'x' is an input: only what an op computes can be one/);
  await assert.rejects(build({ y: 3 }), /output 'y' is not an MLOperand/);
  await builder.build({ y });
});

test("a builder builds once", async () => {
  const { builder, x } = setUp();
  const y = builder.neg(x);
  await builder.build({ y });
  assert.throws(() => builder.neg(y), { name: "InvalidStateError" });
  assert.throws(() => builder.input("z", scalar), { name: "InvalidStateError" });
  await assert.rejects(builder.build({ y }), { name: "InvalidStateError" });
});

test("an input that no output needs is no input of the graph", async () => {
  const { context, builder, x } = setUp();
  builder.input("unused", matrix);
  const graph = await builder.build({ y: builder.neg(x) });
  const [a, b] = [await context.createTensor(matrix), await context.createTensor(matrix)];
  assert.doesNotThrow(() => context.dispatch(graph, { x: a }, { y: b }));
});

test("an output may be named like an input", async () => {
  const { context, builder, x } = setUp();
  const graph = await builder.build({ x: builder.add(x, x) });
  const a = await context.createTensor({ ...matrix, writable: true });
  const b = await context.createTensor({ ...matrix, readable: true });
  context.writeTensor(a, new Float32Array([1, 2, 3, 4, 5, 6]));
  context.dispatch(graph, { x: a }, { x: b });
  assert.deepEqual(decode("float32", await context.readTensor(b)), [2, 4, 6, 8, 10, 12]);
});

test("a constant tensor may be destroyed once its build has begun", async () => {
  const { context, device, builder, x } = setUp();
  const constant = await context.createConstantTensor(matrix, new Float32Array(6).fill(2));
  const building = builder.build({ y: builder.mul(x, builder.constant(constant)) });
  constant.destroy();
  await building;
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(device.log, ["addConstant 24", "load", "removeConstant"]);
});

test("constant tensors are refused where they are none, destroyed, or another context's", async () => {
  const { context, builder, x } = setUp();
  const plain = await context.createTensor(matrix);
  assert.throws(() => builder.constant(plain), /tensor is not a constant/);
  const foreign = await newContext().createConstantTensor(matrix, new Float32Array(6));
  assert.throws(() => builder.constant(foreign), /another context/);
  const gone = await context.createConstantTensor(matrix, new Float32Array(6));
  const y = builder.add(x, builder.constant(gone));
  gone.destroy();
  assert.throws(() => builder.constant(gone), /tensor was destroyed/);
  await assert.rejects(builder.build({ y }), /constant tensor of the graph was destroyed/);
});

test("what the device cannot load is an OperationError that says why", async () => {
  const backend = interpreterBackend();
  const refuse = async (): Promise<void> => {
    throw new RangeError("no memory for 8 bytes");
  };
  const context = createContext({ ...backend, build: refuse });
  const builder = new MLGraphBuilder(context);
  const y = builder.neg(builder.input("x", matrix));
  await assert.rejects(builder.build({ y }), {
    name: "OperationError",
    message: "the graph cannot be built: no memory for 8 bytes",
  });
  // It has been built all the same, as far as the builder goes.
  await assert.rejects(builder.build({ y }), { name: "InvalidStateError" });
  assert.throws(() => builder.neg(y), { name: "InvalidStateError" });
});

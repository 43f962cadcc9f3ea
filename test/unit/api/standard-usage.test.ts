/**
 * Applications as the standard's examples are written, in TypeScript: they need no cast and no assertion, which `npm run check`
 * sees to, and give what can be worked out by hand.
 */
import assert from "node:assert/strict";
import {
  MLGraphBuilder,
  type MLBatchNormalizationOptions,
  type MLContext,
  type MLContextLostInfo,
  type MLGraph,
  type MLNamedOperands,
  type MLNamedTensors,
  type MLOperand,
  type MLOperandDescriptor,
  type MLTensor,
  type MLTensorLimits,
} from "../../../core-webnn/index.ts";
import { onEachContext, onOwnContext } from "./contexts.ts";

/** Tensors for operands, from what these say of themselves. */
function tensorsFor(
  context: MLContext,
  operands: readonly MLOperand[],
  flags: { readable?: boolean; writable?: boolean },
): Promise<MLTensor[]> {
  return Promise.all(
    operands.map(({ dataType, shape }) => context.createTensor({ dataType, shape, ...flags })),
  );
}

onEachContext("inputs, a constant and an output", async (context) => {
  const descriptor: MLOperandDescriptor = { dataType: "float32", shape: [2, 2] };
  const builder = new MLGraphBuilder(context);
  const half = builder.constant(descriptor, new Float32Array(4).fill(0.5));
  const a = builder.input("a", descriptor);
  const b = builder.input("b", descriptor);
  const sum = builder.add(builder.mul(a, half), b, { label: "sum" });
  const outputs: MLNamedOperands = { sum };
  const graph: MLGraph = await builder.build(outputs);

  const [x, y] = await tensorsFor(context, [a, b], { writable: true });
  const [z] = await tensorsFor(context, [sum], { readable: true });
  if (x === undefined || y === undefined || z === undefined) throw new Error("three tensors");
  context.writeTensor(x, new Float32Array([2, 4, 6, 8]));
  context.writeTensor(y, new Float32Array([1, 1, 1, 1]));
  const inputs: MLNamedTensors = { a: x, b: y };
  context.dispatch(graph, inputs, { sum: z });
  const result: ArrayBuffer = await context.readTensor(z);
  assert.deepEqual([...new Float32Array(result)], [2, 3, 4, 5]);
  const place = new Float32Array(6);
  const nothing: undefined = await context.readTensor(z, place.subarray(1, 5));
  assert.deepEqual([nothing, ...place], [undefined, 0, 2, 3, 4, 5, 0]);
});

/** What batchNormalization does to [n, c, h, w], of other operations. */
function normalise(
  builder: MLGraphBuilder,
  input: MLOperand,
  mean: MLOperand,
  variance: MLOperand,
  { axis = 1, epsilon = 1e-5, scale, bias }: MLBatchNormalizationOptions,
): MLOperand {
  const shape = input.shape.map((size, d) => (d === axis ? size : 1));
  const spread = builder.sqrt(
    builder.add(builder.reshape(variance, shape), builder.constant(input.dataType, epsilon)),
  );
  const centred = builder.sub(input, builder.reshape(mean, shape));
  const scaled = builder.div(centred, spread);
  const grown = scale ? builder.mul(scaled, builder.reshape(scale, shape)) : scaled;
  return bias ? builder.add(grown, builder.reshape(bias, shape)) : grown;
}

onEachContext("an operation and its decomposition", async (context) => {
  const builder = new MLGraphBuilder(context);
  const input = builder.input("input", { dataType: "float32", shape: [1, 2, 1, 2] });
  const perChannel = (...values: number[]) =>
    builder.constant({ dataType: "float32", shape: [2] }, Float32Array.from(values));
  const mean = perChannel(1, -1);
  const variance = perChannel(4, 0.25);
  const options = { scale: perChannel(2, 1), bias: perChannel(0, 10), epsilon: 0 };
  const whole = builder.batchNormalization(input, mean, variance, options);
  const parts = normalise(builder, input, mean, variance, options);
  const elements = input.shape.reduce((count, size) => count * size, 1);
  const flat = builder.reshape(whole, [elements]);
  const graph = await builder.build({ whole, parts, flat });

  const [x] = await tensorsFor(context, [input], { writable: true });
  const read = await tensorsFor(context, [whole, parts, flat], { readable: true });
  const [w, p, f] = read;
  if (!x || !w || !p || !f) throw new Error("four tensors");
  context.writeTensor(x, Float32Array.of(1, 3, -1, 0));
  context.dispatch(graph, { input: x }, { whole: w, parts: p, flat: f });
  for (const tensor of read) {
    // (x - mean) / sqrt(variance) · scale + bias
    assert.deepEqual([...new Float32Array(await context.readTensor(tensor))], [0, 2, 10, 12]);
  }
});

onEachContext("conditions, casts and limits", async (context) => {
  const { maxTensorByteLength, preferredInputLayout, input, where, gemm } =
    context.opSupportLimits();
  const limits: readonly (MLTensorLimits | undefined)[] = [input, where["condition"], gemm["c"]];
  assert.ok(limits.every((it) => it !== undefined && it.rankRange.max >= 2));
  assert.ok(maxTensorByteLength > 0 && preferredInputLayout === "nchw");
  assert.ok(where["condition"]?.dataTypes.includes("uint8"));

  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", { dataType: "int32", shape: [4] });
  const limit = builder.constant(x.dataType, 2);
  const isSmall = builder.lesser(x, limit);
  const counted = builder.reduceSum(builder.cast(isSmall, x.dataType), { keepDimensions: true });
  const [first, rest] = builder.split(builder.where(isSmall, x, limit), [1, 3]);
  if (!first || !rest) throw new Error("two parts");
  const graph = await builder.build({ counted, first, rest });
  const [given] = await tensorsFor(context, [x], { writable: true });
  const read = await tensorsFor(context, [counted, first, rest], { readable: true });
  const [c, f, r] = read;
  if (!given || !c || !f || !r) throw new Error("four tensors");
  context.writeTensor(given, Int32Array.of(5, 1, -7, 2));
  context.dispatch(graph, { x: given }, { counted: c, first: f, rest: r });
  const values = read.map(async (it) => [...new Int32Array(await context.readTensor(it))]);
  assert.deepEqual(await Promise.all(values), [[2], [2], [1, -7, 2]]);
});

onOwnContext("constants in tensors, and the end", async (context) => {
  const told: MLContextLostInfo[] = [];
  void context.lost.then((info) => told.push(info));
  const weights = await context.createConstantTensor(
    { dataType: "float32", shape: [2] },
    Float32Array.of(3, 4),
  );
  assert.equal(weights.constant, true);
  const builder = new MLGraphBuilder(context);
  const y = builder.neg(builder.constant(weights));
  const graph = await builder.build({ y });
  weights.destroy();
  const [output] = await tensorsFor(context, [y], { readable: true });
  if (!output) throw new Error("one tensor");
  context.dispatch(graph, {}, { y: output });
  assert.deepEqual([...new Float32Array(await context.readTensor(output))], [-3, -4]);
  context.destroy();
  const { message } = await context.lost;
  assert.deepEqual(told, [{ message }]);
});

/** A constant tensor's memory serves all graphs that are built with it, in bytes; a constant of bytes is each graph's own. */
import assert from "node:assert/strict";
import {
  extensions,
  MLGraphBuilder,
  type DeviceStatistics,
  type MLContext,
  type MLGraph,
  type MLOperand,
} from "../../../core-webnn/index.ts";
import { deviceKinds, onOwnContext } from "./contexts.ts";

const size = 256;
const weights = { dataType: "float32", shape: [size, size] } as const;
const weightBytes = size * size * 4;
const row = { dataType: "float32", shape: [1, size] } as const;

/** weights[k][n] = (k - n) / 256 */
function weightValues(): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: size * size }, (_, i) => (Math.floor(i / size) - (i % size)) / size); // prettier-ignore
}

async function bytesOf(context: MLContext): Promise<DeviceStatistics["bytes"]> {
  const offered = extensions(context);
  assert.ok(offered.dynamicDimensions);
  return (await offered.statistics()).bytes;
}

/** Of weights, in whatever form. */
async function resident(context: MLContext): Promise<number> {
  const { constants, prepared } = await bytesOf(context);
  return constants + prepared;
}

/** y = scale · x · weights */
function buildProduct(
  context: MLContext,
  scale: number,
  constant: (builder: MLGraphBuilder) => MLOperand,
): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const product = builder.matmul(builder.input("x", row), constant(builder));
  return builder.build({ y: builder.linear(product, { alpha: scale }) });
}

async function product(context: MLContext, graph: MLGraph): Promise<Float32Array> {
  const x = await context.createTensor({ ...row, writable: true });
  const y = await context.createTensor({ ...row, readable: true });
  context.writeTensor(x, new Float32Array(size).fill(1));
  context.dispatch(graph, { x }, { y });
  const values = new Float32Array(await context.readTensor(y));
  [x, y].forEach((tensor) => tensor.destroy());
  return values;
}

/** Σ over k of (k - n) / 256: sums of multiples of 2^-8 below 2^8, which float32 holds exactly. */
function assertProduct(actual: Float32Array, scale: number): void {
  const sum = (size * (size - 1)) / 2;
  actual.forEach((y, n) => assert.equal(y, (scale * (sum - n * size)) / size, `column ${n}`));
}

onOwnContext(
  "graphs share a constant tensor's bytes",
  async (context) => {
    const constant = await context.createConstantTensor(weights, weightValues());
    assert.equal(await resident(context), weightBytes);

    const first = await buildProduct(context, 1, (builder) => builder.constant(constant));
    const withOne = await resident(context);
    // As it was given, and packed where the device packs.
    assert.ok(withOne === weightBytes || withOne === 2 * weightBytes, `${withOne} bytes`);
    const others = await Promise.all(
      [2, 4, 8].map((scale) =>
        buildProduct(context, scale, (builder) => builder.constant(constant)),
      ),
    );
    assert.equal(await resident(context), withOne, "three more graphs take no more");

    constant.destroy();
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(await resident(context), weightBytes, "what the graphs need is there once");
    for (const [i, graph] of [first, ...others].entries()) {
      assertProduct(await product(context, graph), 2 ** i);
    }
    first.destroy();
    assert.equal(await resident(context), weightBytes);
    others.forEach((graph) => graph.destroy());
    assert.equal(await resident(context), 0);
  },
  deviceKinds,
);

onOwnContext(
  "a constant of bytes is each graph's own, and goes with it",
  async (context) => {
    const bytes = weightValues();
    const graphs: MLGraph[] = [];
    for (const scale of [1, 2]) {
      graphs.push(
        await buildProduct(context, scale, (builder) => builder.constant(weights, bytes)),
      );
      assert.equal(await resident(context), graphs.length * weightBytes);
    }
    graphs.forEach((graph) => graph.destroy());
    assert.equal(await resident(context), 0);
  },
  deviceKinds,
);

onOwnContext(
  "a tensor takes the bytes it says, until it is destroyed",
  async (context) => {
    for (const [dataType, shape, bytes] of [
      ["float32", [3, 5], 60],
      ["int8", [7], 7],
      ["uint64", [], 8],
      ["float16", [1, 3], 6],
    ] as const) {
      const tensor = await context.createTensor({ dataType, shape });
      assert.equal((await bytesOf(context)).tensors, bytes, dataType);
      tensor.destroy();
      tensor.destroy();
      assert.equal((await bytesOf(context)).tensors, 0, dataType);
    }
  },
  deviceKinds,
);

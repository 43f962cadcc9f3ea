/** A perceptron of two layers with a batch that is known at dispatch, and how far a context is from float64. */
import { MLGraphBuilder, type MLContext, type MLGraph } from "../../../core-webnn/index.ts";

const sizes = { inputs: 20, hidden: 33, outputs: 7 };
const weights = {
  first: numbers(sizes.inputs * sizes.hidden, 0.11),
  second: numbers(sizes.hidden * sizes.outputs, 0.23),
};

/** The largest absolute error over some batches, of one build. */
export async function perceptronError(context: MLContext): Promise<number> {
  const graph = await build(context);
  let largest = 0;
  for (const batch of [1, 2, 5, 17]) {
    const x = numbers(batch * sizes.inputs, 0.37);
    const expected = perceptron(x, batch);
    const actual = await run(context, graph, batch, x);
    const errors = expected.map((value, i) => Math.abs(value - actual[i]!));
    largest = Math.max(largest, ...errors);
  }
  return largest;
}

function build(context: MLContext): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const { inputs, hidden, outputs } = sizes;
  const constant = (values: Float32Array<ArrayBuffer>, ...shape: number[]) =>
    builder.constant({ dataType: "float32", shape }, values);
  const x = builder.input("x", { dataType: "float32", shape: [{ name: "batch" }, inputs] });
  const active = builder.relu(builder.matmul(x, constant(weights.first, inputs, hidden)));
  const logits = builder.matmul(active, constant(weights.second, hidden, outputs));
  return builder.build({ y: builder.softmax(logits, 1) });
}

async function run(
  context: MLContext,
  graph: MLGraph,
  batch: number,
  values: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const tensor = (width: number, flags: object) =>
    context.createTensor({ dataType: "float32", shape: [batch, width], ...flags });
  const x = await tensor(sizes.inputs, { writable: true });
  const y = await tensor(sizes.outputs, { readable: true });
  context.writeTensor(x, values);
  context.dispatch(graph, { x }, { y });
  return new Float32Array(await context.readTensor(y));
}

/** The same by its definition. */
function perceptron(x: Float32Array, batch: number): number[] {
  const rows = Array.from({ length: batch }, (_, b) => [
    ...x.subarray(b * sizes.inputs, (b + 1) * sizes.inputs),
  ]);
  return rows.flatMap((row) => {
    const active = layer(row, weights.first, sizes.hidden).map((value) => Math.max(value, 0));
    const logits = layer(active, weights.second, sizes.outputs);
    const powers = logits.map((value) => Math.exp(value - Math.max(...logits)));
    return powers.map((power) => power / powers.reduce((sum, each) => sum + each, 0));
  });
}

function layer(row: readonly number[], weight: Float32Array, width: number): number[] {
  return Array.from({ length: width }, (_, n) =>
    row.reduce((sum, value, k) => sum + value * weight[k * width + n]!, 0),
  );
}

function numbers(count: number, step: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));
}

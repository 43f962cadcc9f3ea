/**
 * A two-layer perceptron whose batch is a named size, through the public interface, and how far a context is from
 * float64 in computing it.
 */
import { MLGraphBuilder, type MLContext, type MLGraph } from "../../core-webnn/index.ts";

/** Each is one dispatch of the same build. */
export const perceptronBatches = [1, 2, 5, 16, 17];

const sizes = { inputs: 20, hidden: 33, outputs: 7 };
const weights = {
  first: numbers(sizes.inputs * sizes.hidden, 0.11),
  firstBias: numbers(sizes.hidden, 0.7),
  second: numbers(sizes.hidden * sizes.outputs, 0.23),
  secondBias: numbers(sizes.outputs, 1.3),
};

/** The largest absolute error over all batches. */
export async function perceptronError(context: MLContext): Promise<number> {
  const graph = await build(context);
  let largest = 0;
  for (const batch of perceptronBatches) {
    const x = numbers(batch * sizes.inputs, 0.37);
    const actual = await run(context, graph, batch, x);
    const errors = perceptron(x, batch).map((expected, i) => Math.abs(actual[i]! - expected));
    // Math.max passes NaN on, so an output that is no number is an error.
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
  const first = builder.matmul(x, constant(weights.first, inputs, hidden));
  const active = builder.relu(builder.add(first, constant(weights.firstBias, hidden)));
  const second = builder.matmul(active, constant(weights.second, hidden, outputs));
  const logits = builder.add(second, constant(weights.secondBias, outputs));
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
  const result = new Float32Array(await context.readTensor(y));
  [x, y].forEach((each) => each.destroy());
  return result;
}

/** The same in float64, by its definition. */
function perceptron(x: Float32Array, batch: number): number[] {
  const { inputs, hidden, outputs } = sizes;
  const layer = (
    row: readonly number[],
    [weight, bias]: readonly [Float32Array, Float32Array],
    width: number,
  ): number[] =>
    Array.from({ length: width }, (_, n) =>
      row.reduce((sum, value, k) => sum + value * weight[k * width + n]!, bias[n]!),
    );
  return Array.from({ length: batch }, (_, b) => {
    const row = [...x.subarray(b * inputs, (b + 1) * inputs)];
    const active = layer(row, [weights.first, weights.firstBias], hidden).map((v) =>
      Math.max(v, 0),
    );
    const logits = layer(active, [weights.second, weights.secondBias], outputs);
    const powers = logits.map((v) => Math.exp(v - Math.max(...logits)));
    return powers.map((p) => p / powers.reduce((sum, each) => sum + each, 0));
  }).flat();
}

function numbers(count: number, step: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));
}

/** Which operands a graph's outputs may be, and which inputs it then has. */
import assert from "node:assert/strict";
import { MLGraphBuilder, type MLContext, type MLTensor } from "../../../core-webnn/index.ts";
import { flags, onEachContext, pair, readPair } from "./contexts.ts";

const both = { ...pair, ...flags };

async function tensors(context: MLContext, count: number): Promise<MLTensor[]> {
  return Promise.all(Array.from({ length: count }, () => context.createTensor(both)));
}

onEachContext(
  "one operand is two outputs, and an intermediate value is one too",
  async (context) => {
    const builder = new MLGraphBuilder(context);
    const x = builder.input("x", pair);
    builder.input("unused", pair);
    const half = builder.linear(x, { alpha: 0.5 });
    const sum = builder.add(half, half);
    const graph = await builder.build({ half, sum, "the sum again": sum });
    const [given, a, b, c] = await tensors(context, 4);
    context.writeTensor(given!, Float32Array.of(6, -8));
    context.dispatch(graph, { x: given! }, { half: a!, sum: b!, "the sum again": c! });
    assert.deepEqual(await readPair(context, a!), [3, -4]);
    assert.deepEqual(await readPair(context, b!), [6, -8]);
    assert.deepEqual(await readPair(context, c!), [6, -8]);

    // Names, exactly these.
    const outputs = { half: a!, sum: b!, "the sum again": c! };
    const { sum: _, ...fewer } = outputs;
    const [other] = await tensors(context, 1);
    const wrong: readonly (readonly [
      Record<string, MLTensor>,
      Record<string, MLTensor>,
      string,
    ])[] = [
      [{}, outputs, "input 'x' is missing"],
      [{ x: given!, unused: other! }, outputs, "the graph has no input 'unused', only x"],
      [{ x: given! }, fewer, "output 'sum' is missing"],
      [{ x: given! }, { ...outputs, y: other! }, "the graph has no output 'y', only half, sum, the sum again"], // prettier-ignore
      [{ x: given! }, { ...outputs, sum: a! }, "output 'sum' is the same tensor as output 'half'"],
      [{ x: a! }, outputs, "output 'half' is the same tensor as input 'x'"],
    ];
    for (const [inputs, taken, says] of wrong) {
      const error = { name: "TypeError", message: `dispatch: ${says}` };
      assert.throws(() => context.dispatch(graph, inputs, taken), error);
    }
    [graph, given!, a!, b!, c!, other!].forEach((thing) => thing.destroy());
  },
);

onEachContext(
  "a tensor is not two inputs, whose values may be equal all the same",
  async (context) => {
    const builder = new MLGraphBuilder(context);
    const product = builder.mul(builder.input("a", pair), builder.input("b", pair));
    const graph = await builder.build({ product });
    const [a, b, y] = await tensors(context, 3);
    assert.throws(() => context.dispatch(graph, { a: a!, b: a! }, { product: y! }), {
      name: "TypeError",
      message: "dispatch: input 'b' is the same tensor as input 'a'",
    });
    for (const tensor of [a!, b!]) context.writeTensor(tensor, Float32Array.of(3, -4));
    context.dispatch(graph, { a: a!, b: b! }, { product: y! });
    assert.deepEqual(await readPair(context, y!), [9, 16]);
    [graph, a!, b!, y!].forEach((thing) => thing.destroy());
  },
);

onEachContext(
  "inputs and constants are no outputs; without any there is no graph",
  async (context) => {
    const builder = new MLGraphBuilder(context);
    const x = builder.input("x", pair);
    const constant = builder.constant(pair, new Float32Array(2));
    const tensor = await context.createConstantTensor(pair, Float32Array.of(7, 8));
    const y = builder.neg(x);
    const wrong = [
      [{}, "outputs are empty: a graph needs one"],
      [{ "": y }, "the name of an output is empty"],
      [{ y, x }, "output 'x' is an input: only what an op computes can be one"],
      [{ y, c: constant }, "output 'c' is a constant: only what an op computes can be one"],
      [{ s: builder.constant("float32", 1) }, "output 's' is a constant: only what an op computes can be one"], // prettier-ignore
      [{ t: builder.constant(tensor) }, "output 't' is a constant: only what an op computes can be one"], // prettier-ignore
    ] as const;
    for (const [outputs, says] of wrong) {
      const error = { name: "TypeError", message: `build: ${says}` };
      await assert.rejects(builder.build(outputs as never), error);
    }
    // None of that used the builder up; and of constants alone there are graphs.
    const sum = builder.add(builder.constant(tensor), constant);
    const graph = await builder.build({ sum });
    const [output] = await tensors(context, 1);
    context.dispatch(graph, {}, { sum: output! });
    assert.deepEqual(await readPair(context, output!), [7, 8]);
    [graph, tensor, output!].forEach((thing) => thing.destroy());
  },
);

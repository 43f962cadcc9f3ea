/**
 * What a soak does to a context, in Node and on pages: tensors and graphs are made, used and destroyed many times.
 *
 * Every graph is y = s x by another way, with an s of its own, so that results are known by hand and a
 * mix-up of constants shows. `sample` is called at even distances, always with the same things alive.
 */
import { MLGraphBuilder } from "../../core-webnn/index.ts";
import type { MLContext, MLGraph, MLOperand, MLTensor } from "../../core-webnn/index.ts";

export interface Soaked {
  readonly context: MLContext;
  readonly sample: () => Promise<void>;
}

/** Samples of each phase. */
const sampleCount = 40;
const width = 32;

/** Lengths of tensors, in turn: odd ones, and some that make holes of every kind in a memory. */
const rowCounts = Array.from(
  { length: 25 },
  (_, i) => 1 + ((i * 37) % 101) * (i % 3 === 0 ? 7 : 1),
);

/** y = s x, each by another op. `rows` is the graph's named size. */
const ways: readonly ((builder: MLGraphBuilder, x: MLOperand, s: number) => MLOperand)[] = [
  (builder, x, s) => builder.matmul(x, builder.constant(square("float32"), diagonal(s))),
  (builder, x, s) => builder.mul(x, builder.constant("float32", s)),
  (builder, x, s) => {
    const weights = builder.constant(square("int8"), Int8Array.from(diagonal(1)));
    const scale = builder.constant({ dataType: "float32", shape: [1, 1] }, Float32Array.of(s));
    const zero = builder.constant({ dataType: "int8", shape: [1, 1] }, Int8Array.of(0));
    return builder.matmul(x, builder.dequantizeLinear(weights, scale, zero));
  },
  (builder, x, s) => {
    const order = Int32Array.from({ length: width }, (_, i) => width - 1 - i);
    const indices = builder.constant({ dataType: "int32", shape: [width] }, order);
    const reversed = builder.gather(x, indices, { axis: 1 });
    const factors = builder.constant(
      { dataType: "float32", shape: [width] },
      new Float32Array(width).fill(s),
    );
    return builder.mul(builder.gather(reversed, indices, { axis: 1 }), factors);
  },
  (builder, x, s) => {
    // Ten of the same halves: a chain that needs an arena.
    const weights = builder.constant(square("float32"), diagonal(s));
    const half = builder.constant("float32", 0.5);
    let sum = builder.mul(builder.matmul(x, weights), half);
    for (let i = 0; i < 9; i++) sum = builder.mul(builder.add(sum, sum), half);
    return builder.add(sum, sum);
  },
];

/** Makes, uses and destroys two tensors `cycles` times. */
export async function cycleTensors({ context, sample }: Soaked, cycles: number): Promise<void> {
  const graph = await buildWay(context, 0, 3);
  const isSampled = sampler(cycles, rowCounts.length);
  for (let cycle = 0; cycle < cycles; cycle++) {
    const rows = rowCounts[cycle % rowCounts.length]!;
    const tensors = await useGraph(context, graph, rows, 3);
    if (isSampled(cycle)) await sample();
    tensors.forEach((tensor) => tensor.destroy());
  }
  graph.destroy();
}

/** Builds, uses and destroys `builds` graphs with constants of their own. */
export async function cycleBuilds({ context, sample }: Soaked, builds: number): Promise<void> {
  const isSampled = sampler(builds, ways.length);
  for (let build = 0; build < builds; build++) {
    const s = 1 + (build % 100);
    const graph = await buildWay(context, build % ways.length, s);
    const weights = await context.createConstantTensor(square("float32"), diagonal(s));
    const tensors = await useGraph(context, graph, 8, s);
    if (isSampled(build)) await sample();
    for (const each of [...tensors, weights, graph]) each.destroy();
  }
}

/** True at the first of every so many periods. */
function sampler(count: number, period: number): (index: number) => boolean {
  const interval = period * Math.max(1, Math.floor(count / sampleCount / period));
  return (index) => index % interval === 0;
}

function buildWay(context: MLContext, way: number, s: number): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", { dataType: "float32", shape: [{ name: "rows" }, width] });
  return builder.build({ y: ways[way]!(builder, x, s) });
}

/** Leaves its tensors to the caller. */
async function useGraph(
  context: MLContext,
  graph: MLGraph,
  rows: number,
  s: number,
): Promise<readonly MLTensor[]> {
  const descriptor = { dataType: "float32", shape: [rows, width] } as const;
  const x = await context.createTensor({ ...descriptor, writable: true });
  const y = await context.createTensor({ ...descriptor, readable: true });
  const values = Float32Array.from({ length: rows * width }, (_, i) => (i % 101) - 50);
  context.writeTensor(x, values);
  context.dispatch(graph, { x }, { y });
  const results = new Float32Array(await context.readTensor(y));
  const wrong = results.findIndex((result, i) => result !== s * values[i]!);
  if (wrong >= 0) {
    throw new Error(`y[${wrong}] is ${results[wrong]}, not ${s} times ${values[wrong]}`);
  }
  return [x, y];
}

function square<T extends "float32" | "int8">(dataType: T) {
  return { dataType, shape: [width, width] };
}

/** s times the identity. */
function diagonal(s: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(width * width);
  for (let i = 0; i < width; i++) values[i * width + i] = s;
  return values;
}

/**
 * Whether an implementation of WebNN works: it opens a context, builds a small graph and computes right.
 *
 * A browser may have the API behind a flag and no backend to it, or the API of an earlier standard, or a
 * driver that gives wrong numbers. Only the numbers tell.
 */
import type { MLGraphBuilder } from "./ml-graph-builder.ts";
import type { ML } from "./ml.ts";

/** Milliseconds: a first context may have to load a driver, and a page cannot wait much longer. */
const patience = 10_000;

/** relu([[1, 2], [3, 4]] · [[5, -6], [7, 8]] + [-20, 0]): whole numbers, exact in any precision. */
const expected = [0, 10, 23, 14];

/** Rejects with what is wrong. `Builder` is the constructor that takes the contexts of `ml`. */
export async function probe(ml: ML, Builder: typeof MLGraphBuilder): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`it did not compute a small graph within ${patience / 1000} s`);
    timer = setTimeout(reject, patience, error);
  });
  try {
    const values = await Promise.race([compute(ml, Builder), late]);
    if (values.join() === expected.join()) return;
    throw new Error(`it computed [${values.join(", ")}], not [${expected.join(", ")}]`);
  } finally {
    clearTimeout(timer);
  }
}

async function compute(ml: ML, Builder: typeof MLGraphBuilder): Promise<Float32Array> {
  const context = await ml.createContext();
  const builder = new Builder(context);
  const square = { dataType: "float32", shape: [2, 2] } as const;
  const weights = builder.constant(square, Float32Array.of(5, -6, 7, 8));
  const bias = builder.constant({ dataType: "float32", shape: [2] }, Float32Array.of(-20, 0));
  const product = builder.matmul(builder.input("x", square), weights);
  const graph = await builder.build({ y: builder.relu(builder.add(product, bias)) });
  const x = await context.createTensor({ ...square, writable: true });
  const y = await context.createTensor({ ...square, readable: true });
  context.writeTensor(x, Float32Array.of(1, 2, 3, 4));
  context.dispatch(graph, { x }, { y });
  const values = new Float32Array(await context.readTensor(y));
  context.destroy();
  return values;
}

/** Adds two vectors on `navigator.ml`. */
import type * as core from "../../../core-webnn/index.ts";
import { answerWith } from "./answer.ts";

const { navigator, MLGraphBuilder } = globalThis as unknown as {
  navigator: { ml: core.ML };
  MLGraphBuilder: typeof core.MLGraphBuilder;
};

answerWith(async ({ a, b }: { a: number[]; b: number[] }) => {
  const context = await navigator.ml.createContext();
  const builder = new MLGraphBuilder(context);
  const desc = { dataType: "float32", shape: [a.length] } as const;
  const x = builder.input("x", desc);
  const graph = await builder.build({
    y: builder.add(x, builder.constant(desc, Float32Array.from(b))),
  });
  const input = await context.createTensor({ ...desc, writable: true });
  const output = await context.createTensor({ ...desc, readable: true });
  context.writeTensor(input, Float32Array.from(a));
  context.dispatch(graph, { x: input }, { y: output });
  const sums = [...new Float32Array(await context.readTensor(output))];
  context.destroy();
  return { isolated: crossOriginIsolated, sums };
});

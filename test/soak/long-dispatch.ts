/** A dispatch that takes minutes, to be interrupted. In Node and on pages. */
import { MLGraphBuilder } from "../../core-webnn/index.ts";
import type { MLContext } from "../../core-webnn/index.ts";

const square = { dataType: "float32", shape: [2048, 2048] } as const;
/** Of 17 GFLOP each. */
const products = 600;

/** Milliseconds within which what ends it has ended it, on loaded machines too: it would take several times as long. */
export const soon = 60_000;

/** Begins it; the result is read when it ends. */
export async function beginLongDispatch(
  context: MLContext,
): Promise<{ readonly reading: Promise<ArrayBuffer> }> {
  const builder = new MLGraphBuilder(context);
  const weights = builder.constant(square, new Float32Array(2048 * 2048));
  let y = builder.input("x", square);
  for (let i = 0; i < products; i++) y = builder.matmul(y, weights);
  const graph = await builder.build({ y });
  const x = await context.createTensor({ ...square, writable: true });
  const result = await context.createTensor({ ...square, readable: true });
  context.dispatch(graph, { x }, { y: result });
  return { reading: context.readTensor(result) };
}

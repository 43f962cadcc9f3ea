/** ONNX's (numpy's) broadcasting over sizes that may be symbolic. */
import { sizesEqual, type Size } from "../core.ts";
import { NeedsNumbers, type Decisions } from "./decisions.ts";

/** The common shape, or undefined where two dimensions do not fit. */
export function broadcastShapes(
  decisions: Decisions,
  ...shapes: readonly (readonly Size[])[]
): readonly Size[] | undefined {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result: Size[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let size: Size | undefined = 1;
    for (const shape of shapes) {
      const other: Size = shape[axis - rank + shape.length] ?? 1;
      size = broadcastSizes(decisions, size, other);
      if (size === undefined) return undefined;
    }
    result.push(size);
  }
  return result;
}

/**
 * WebNN graphs never broadcast a size that is 1 only at run time: where two sizes differ now and one
 * of them is symbolic, the graph is built for the numbers.
 */
function broadcastSizes(decisions: Decisions, a: Size, b: Size): Size | undefined {
  if (a === 1) return b;
  if (b === 1 || sizesEqual(a, b)) return a;
  if (typeof a === "number" && typeof b === "number") return undefined;
  if (!decisions.equal(a, b)) throw new NeedsNumbers([a, b]);
  return typeof a === "number" ? a : b;
}

export function isEmptyShape(shape: readonly Size[]): boolean {
  return shape.includes(0);
}

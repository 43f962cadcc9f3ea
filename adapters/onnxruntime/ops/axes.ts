/** Axes as ONNX gives them: negative ones count from the end; attributes at first, inputs later. */
import type { HostNode } from "../convert/host-node.ts";
import type { SizedNode } from "./sized-node.ts";

/** The axis between 0 and `rank - 1`. */
export function axisOf(node: HostNode, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!(normal >= 0 && normal < rank)) node.fail(`axis ${axis} is out of range for rank ${rank}`);
  return normal;
}

/** The attribute `axes`, or since opset 13 input 1; undefined where neither is given. */
export function axesSince13(node: SizedNode): readonly number[] | undefined {
  if (node.opset < 13) return node.ints("axes");
  return node.has(1) ? node.integers(1).map(node.decisions.number) : undefined;
}

/** Convolutions over one or two dimensions, channels first. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Operand } from "../webnn.ts";
import { op, type OpRow } from "./row.ts";
import { onImages, windowOptions } from "./window.ts";

export const convRows: readonly OpRow[] = [
  op("Conv", {
    convert(node) {
      const bias = node.has(2) ? node.operand(2) : undefined;
      return node.result(convolution(node, node.operand(0), node.operand(1), bias, node.label));
    },
  }),
];

/** The node's convolution of `input` with `filter`. */
export function convolution(
  node: NodeContext,
  input: Operand,
  filter: Operand,
  bias: Operand | undefined,
  label: string,
): Operand {
  const options = {
    ...windowOptions(node, input.shape.slice(2), filter.shape.slice(2)),
    groups: node.int("group", 1),
    label,
    ...(bias === undefined ? {} : { bias }),
  };
  return onImages(node, [input, filter], ([image, kernel]) =>
    node.builder.conv2d(image!, kernel!, options),
  );
}

/** Convolutions over any number of dimensions, channels first. */
import type { NodeContext } from "../convert/node-context.ts";
import { multiplySizes } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { stackWindows, unstackImages } from "./sliding.ts";
import { groupsOf, imageOptions, onImages, windowCounts, windowsOf } from "./window.ts";

/** The node's convolution of `input` with `filter`. */
export function convolution(
  node: NodeContext,
  input: Operand,
  filter: Operand,
  bias: Operand | undefined,
  label: string,
): Operand {
  const windows = windowsOf(node, input.shape.slice(2), filter.shape.slice(2));
  windowCounts(node, input.shape.slice(2), windows);
  const before = windows.slice(0, -2);
  const options = {
    ...imageOptions(windows.slice(-2)),
    groups: groupsOf(node),
    label,
    ...(bias === undefined ? {} : { bias }),
  };
  if (before.length === 0) {
    return onImages(node, [input, filter], ([image, kernel]) =>
      node.builder.conv2d(image!, kernel!, options),
    );
  }
  // The filter holds its window in the order in which the channels are stacked.
  const { images, places } = stackWindows(node, input, before);
  const kernel = before.map((window) => window.kernel);
  const flat = calculatorOf(node).reshape(filter, [
    filter.shape[0]!,
    multiplySizes(filter.shape[1]!, ...kernel),
    ...filter.shape.slice(-2),
  ]);
  const result = node.builder.conv2d(images, flat, options);
  return unstackImages(node, result, input.shape[0]!, places);
}

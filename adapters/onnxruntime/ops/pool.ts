/** Pools over one or two dimensions, channels first. */
import type { WindowOptions } from "../webnn.ts";
import { op, type OpRow } from "./row.ts";
import { asPair, onImages, windowOptions } from "./window.ts";

export const poolRows: readonly OpRow[] = [
  op("MaxPool", {
    convert(node) {
      if ((node.node.outputs[1] ?? "") !== "") node.fail("its second output, the indices");
      const input = node.operand(0);
      const kernel = node.ints("kernel_shape") ?? [];
      const sizes = input.shape.slice(2);
      if (kernel.length !== sizes.length) {
        node.fail(`kernel_shape has ${kernel.length} sizes for ${sizes.length} dimensions`);
      }
      const windowDimensions = asPair(kernel, 1);
      const window = windowOptions(node, sizes, kernel);
      const isCut = node.int("ceil_mode", 0) !== 0;
      const options = {
        ...window,
        ...(isCut && { padding: withCutWindows(window, windowDimensions) }),
        windowDimensions,
        label: node.label,
      };
      return node.result(onImages(node, [input], ([x]) => node.builder.maxPool2d(x!, options)));
    },
  }),
];

/**
 * Padding with which rounding down gives what `ceil_mode` asks for: a last window that is cut, if it begins before
 * the padding behind does. (WebNN's own rounding up takes one that begins there, too.) A maximum ignores padding.
 */
function withCutWindows(
  { padding, strides, dilations }: WindowOptions,
  windowDimensions: readonly number[],
): readonly number[] {
  return windowDimensions.flatMap((size, i) => {
    const end = padding[2 * i + 1]! + strides[i]! - 1;
    return [padding[2 * i]!, Math.min(end, (size - 1) * dilations[i]!)];
  });
}

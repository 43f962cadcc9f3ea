/** Convolutions over one or two dimensions, channels first. */
import type { Size } from "../core.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Operand } from "../webnn.ts";
import { op, type OpRow } from "./row.ts";

export const convRows: readonly OpRow[] = [
  op("Conv", {
    convert(node) {
      const bias = node.has(2) ? node.operand(2) : undefined;
      return node.result(convolution(node, node.operand(0), node.operand(1), bias, node.label));
    },
  }),
];

/** The node's convolution of `input` with `filter`; one dimension runs as the width of two. */
export function convolution(
  node: NodeContext,
  input: Operand,
  filter: Operand,
  bias: Operand | undefined,
  label: string,
): Operand {
  const { builder } = node;
  const dimensions = filter.shape.length - 2;
  if (dimensions !== 1 && dimensions !== 2)
    node.fail(`a convolution over ${dimensions} dimensions`);
  const window = windowOf(node, input.shape.slice(2), filter.shape.slice(2));
  const flat = dimensions === 1;
  const options = {
    padding: flat ? [0, 0, window.begin[0]!, window.end[0]!] : interleaved(window),
    strides: flat ? [1, ...window.strides] : window.strides,
    dilations: flat ? [1, ...window.dilations] : window.dilations,
    groups: node.int("group", 1),
    label,
    ...(bias === undefined ? {} : { bias }),
  };
  if (!flat) return builder.conv2d(input, filter, options);
  const asImage = (x: Operand) =>
    builder.reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!], { label });
  const image = builder.conv2d(asImage(input), asImage(filter), options);
  const [batch, channels, , length] = image.shape;
  return builder.reshape(image, [batch!, channels!, length!], { label });
}

interface Window {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** WebNN's padding: beginning and end of the height, then of the width. */
function interleaved({ begin, end }: Window): readonly number[] {
  return begin.flatMap((padding, i) => [padding, end[i]!]);
}

function windowOf(node: NodeContext, sizes: readonly Size[], kernel: readonly Size[]): Window {
  const ones = kernel.map(() => 1);
  const strides = node.ints("strides") ?? ones;
  const dilations = node.ints("dilations") ?? ones;
  const autoPad = node.text("auto_pad", "NOTSET");
  if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
    const total = sizes.map((size, i) =>
      samePadding(node, size, kernel[i]!, strides[i]!, dilations[i]!),
    );
    const less = total.map((padding) => Math.floor(padding / 2));
    const more = total.map((padding) => Math.ceil(padding / 2));
    return autoPad === "SAME_UPPER"
      ? { begin: less, end: more, strides, dilations }
      : { begin: more, end: less, strides, dilations };
  }
  const pads = autoPad === "VALID" ? undefined : node.ints("pads");
  const zeros = kernel.map(() => 0);
  return {
    begin: pads?.slice(0, kernel.length) ?? zeros,
    end: pads?.slice(kernel.length) ?? zeros,
    strides,
    dilations,
  };
}

/** Padding in all that makes the output as long as ceil(size / stride). */
function samePadding(
  { decisions }: NodeContext,
  size: Size,
  kernel: Size,
  stride: number,
  dilation: number,
): number {
  const length = decisions.number(size);
  const reach = (decisions.number(kernel) - 1) * dilation + 1;
  return Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
}

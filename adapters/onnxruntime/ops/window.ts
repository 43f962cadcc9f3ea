/** Windows that move over one or two dimensions, channels first: ONNX's attributes as WebNN's options. */
import type { Size } from "../core.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Operand, WindowOptions } from "../webnn.ts";

interface Window {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** For images; `kernel` has one size or two, of a filter or of the attribute `kernel_shape`. */
export function windowOptions(
  node: NodeContext,
  sizes: readonly Size[],
  kernel: readonly Size[],
): WindowOptions {
  const { begin, end, strides, dilations } = windowOf(node, sizes, kernel);
  return {
    padding: asPair(
      begin.map((padding, i) => [padding, end[i]!]),
      [0, 0],
    ).flat(),
    strides: asPair(strides, 1),
    dilations: asPair(dilations, 1),
  };
}

/** What is said of one dimension is said of the width. */
export function asPair<T>(values: readonly T[], ofHeight: T): readonly T[] {
  return values.length === 1 ? [ofHeight, ...values] : values;
}

/** What `run` makes of these as images: one dimension runs as the width of two. */
export function onImages(
  node: NodeContext,
  operands: readonly Operand[],
  run: (images: readonly Operand[]) => Operand,
): Operand {
  const { builder, label } = node;
  const dimensions = operands[0]!.shape.length - 2;
  if (dimensions === 2) return run(operands);
  if (dimensions !== 1) node.fail(`a window over ${dimensions} dimensions`);
  const asImage = (x: Operand) =>
    builder.reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!], { label });
  const image = run(operands.map(asImage));
  const [batch, channels, , length] = image.shape;
  return builder.reshape(image, [batch!, channels!, length!], { label });
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

/** Windows that move over images, channels first: ONNX's attributes, checked, along each dimension. */
import {
  addSizes,
  floorDivideSizes,
  multiplySizes,
  sizeKey,
  subtractSizes,
  type Size,
} from "../core.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Operand, WindowOptions } from "../webnn.ts";

/** Along one dimension; `begin` and `end` are the padding. */
export interface Window {
  readonly kernel: number;
  readonly begin: number;
  readonly end: number;
  readonly stride: number;
  readonly dilation: number;
}

/** More padding or larger windows than any model has: a graph of so many parts is a mistake in a file. */
const largest = 2 ** 24;

/**
 * The windows over dimensions of these sizes; `kernel` comes from a filter or the attribute `kernel_shape`. Without
 * `hasPads` there is no padding, whatever the attributes say.
 */
export function windowsOf(
  node: NodeContext,
  sizes: readonly Size[],
  kernel: readonly Size[],
  hasPads = true,
): readonly Window[] {
  if (kernel.length !== sizes.length || sizes.length === 0) {
    node.fail(`a kernel of ${kernel.length} sizes for ${sizes.length} dimensions`);
  }
  const strides = list(node, "strides", sizes.length, 1, 1);
  const dilations = list(node, "dilations", sizes.length, 1, 1);
  const windows = kernel.map((size, i) => ({
    kernel: checked(node, "kernel_shape", node.decisions.number(size), 1),
    begin: 0,
    end: 0,
    stride: strides[i]!,
    dilation: dilations[i]!,
  }));
  const autoPad = autoPadOf(node);
  if (!hasPads || autoPad === "VALID") return windows;
  if (autoPad === "NOTSET") {
    const pads = list(node, "pads", 2 * sizes.length, 0, 0);
    return windows.map((window, i) => ({
      ...window,
      begin: pads[i]!,
      end: pads[i + sizes.length]!,
    }));
  }
  return windows.map((window, i) => {
    const total = samePadding(node, sizes[i]!, window);
    const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return autoPad === "SAME_UPPER"
      ? { ...window, begin: less, end: more }
      : { ...window, begin: more, end: less };
  });
}

/** The attribute `kernel_shape`. */
export function kernelShape(node: NodeContext): readonly number[] {
  return node.ints("kernel_shape") ?? node.fail("kernel_shape is missing");
}

export type AutoPad = "NOTSET" | "VALID" | "SAME_UPPER" | "SAME_LOWER";

export function autoPadOf(node: NodeContext): AutoPad {
  const given = node.text("auto_pad", "NOTSET");
  const known: readonly string[] = ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"];
  if (given === "") return "NOTSET";
  return known.includes(given) ? (given as AutoPad) : node.fail(`auto_pad '${given}'`);
}

/** The integers of an attribute, one for each dimension; each is `otherwise` where it is absent. */
export function list(
  node: NodeContext,
  name: string,
  length: number,
  otherwise: number,
  least: number,
): readonly number[] {
  const given = node.ints(name);
  if (given === undefined || given.length === 0) return new Array<number>(length).fill(otherwise);
  if (given.length !== length) {
    node.fail(`${name} has ${given.length} numbers, ${length} are expected`);
  }
  given.forEach((value) => checked(node, name, value, least));
  return given;
}

function checked(node: NodeContext, name: string, value: number, least: number): number {
  if (value < least || value > largest) {
    node.fail(`${value} in ${name} is not between ${least} and ${largest}`);
  }
  return value;
}

export function groupsOf(node: NodeContext): number {
  const groups = node.int("group", 1);
  return groups >= 1 ? groups : node.fail(`group ${groups} is less than 1`);
}

/** What one application of the window covers. */
export function reachOf({ kernel, dilation }: Pick<Window, "kernel" | "dilation">): number {
  return (kernel - 1) * dilation + 1;
}

/** How many windows there are: those that fit. */
export function windowCount(node: NodeContext, size: Size, window: Window): Size {
  const room = subtractSizes(addSizes(size, window.begin, window.end), reachOf(window));
  if (node.decisions.less(room, 0)) {
    const padded = addSizes(room, reachOf(window));
    node.fail(`a window over ${reachOf(window)} of ${sizeKey(padded)} padded elements`);
  }
  return addSizes(floorDivideSizes(room, window.stride), 1);
}

/** How many windows there are along each dimension; those that fit nowhere are refused. */
export function windowCounts(
  node: NodeContext,
  sizes: readonly Size[],
  windows: readonly Window[],
): readonly Size[] {
  return windows.map((window, i) => windowCount(node, sizes[i]!, window));
}

/** WebNN's options for one dimension or two. */
export function imageOptions(windows: readonly Window[]): WindowOptions {
  const pair = asPair(windows, { kernel: 1, begin: 0, end: 0, stride: 1, dilation: 1 });
  return {
    padding: pair.flatMap(({ begin, end }) => [begin, end]),
    strides: pair.map(({ stride }) => stride),
    dilations: pair.map(({ dilation }) => dilation),
  };
}

/** What is said of one dimension is said of the width. */
export function asPair<T>(values: readonly T[], ofHeight: T): readonly T[] {
  return values.length === 1 ? [ofHeight, ...values] : values;
}

/** What `run` makes of these as images: one dimension runs as the width of two. */
export function onImages(
  { builder, label }: NodeContext,
  operands: readonly Operand[],
  run: (images: readonly Operand[]) => Operand,
): Operand {
  if (operands[0]!.shape.length !== 3) return run(operands);
  const asImage = (x: Operand) =>
    builder.reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!], { label });
  const image = run(operands.map(asImage));
  const [batch, channels, , length] = image.shape;
  return builder.reshape(image, [batch!, channels!, length!], { label });
}

/**
 * Padding in all that makes the output as long as ceil(size / stride). It depends on no more than the rest of that
 * division, so one graph serves all sizes with that rest.
 */
function samePadding(
  { decisions }: NodeContext,
  size: Size,
  window: Pick<Window, "kernel" | "stride" | "dilation">,
): number {
  const { stride } = window;
  const whole = multiplySizes(floorDivideSizes(size, stride), stride);
  const rest = stride === 1 ? 0 : decisions.number(subtractSizes(size, whole));
  return Math.max(0, reachOf(window) - (rest === 0 ? stride : rest));
}

/**
 * ConvTranspose over any number of dimensions. Of one or two WebNN's own; of more, the elements of the window along
 * the first ones are output channels at first, and what overlaps is added.
 */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { addSizes, multiplySizes, subtractSizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { op, type OpRow } from "./row.ts";
import { overlapAdd, unstackImages } from "./sliding.ts";
import {
  asPair,
  autoPadOf,
  groupsOf,
  imageOptions,
  list,
  onImages,
  reachOf,
  windowsOf,
  type Window,
} from "./window.ts";

export const convTransposeRows: readonly OpRow[] = [op("ConvTranspose", { convert })];

function convert(node: NodeContext): Value {
  const [input, filter] = [node.operand(0), node.operand(1)];
  const windows = scatteringWindows(node, input.shape.slice(2), filter.shape.slice(2));
  windows.forEach((window, i) => checkResult(node, input.shape[2 + i]!, window));
  const bias = node.has(2) ? node.operand(2) : undefined;
  return node.result(
    windows.length < 3
      ? transposed(node, input, filter, bias, windows)
      : withMoreDimensions(node, input, filter, bias, windows),
  );
}

/** `begin` and `end` are what is cut off the whole result; a negative `end` is how many zeros are added. */
function scatteringWindows(
  node: NodeContext,
  sizes: readonly Size[],
  kernel: readonly Size[],
): readonly Window[] {
  const autoPad = autoPadOf(node);
  const given = windowsOf(node, sizes, kernel, autoPad === "NOTSET");
  const more = list(node, "output_padding", sizes.length, 0, 0);
  const asked = outputShape(node, sizes.length);
  return given.map((window, i) => {
    if (asked !== undefined) {
      const steps = (node.decisions.number(sizes[i]!) - 1) * window.stride;
      return cutTo(window, more[i]!, steps + reachOf(window) - asked[i]!, autoPad === "SAME_UPPER");
    }
    if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
      return cutTo(window, more[i]!, reachOf(window) - window.stride, autoPad === "SAME_UPPER");
    }
    return { ...window, end: window.end - more[i]! };
  });
}

/** Cuts `surplus` elements, and of `more` that would be added as many again; the odd one at the end if `isUpper`. */
function cutTo(window: Window, more: number, surplus: number, isUpper: boolean): Window {
  const total = Math.max(0, surplus + more);
  const begin = isUpper ? Math.floor(total / 2) : Math.ceil(total / 2);
  return { ...window, begin, end: surplus - begin };
}

/** Refuses windows of whose results nothing is left. */
function checkResult(node: NodeContext, size: Size, window: Window): void {
  const steps = multiplySizes(subtractSizes(size, 1), window.stride);
  const cut = window.begin + window.end;
  if (node.decisions.less(addSizes(steps, reachOf(window)), cut + 1)) {
    node.fail(`padding [${window.begin}, ${window.end}] cuts off all of the result`);
  }
}

/** Some files say batch and channels as well. */
function outputShape(node: NodeContext, dimensions: number): readonly number[] | undefined {
  const given = node.ints("output_shape");
  if (given === undefined || given.length === 0) return undefined;
  if (given.length !== dimensions && given.length !== dimensions + 2) {
    node.fail(`output_shape has ${given.length} numbers for ${dimensions} dimensions`);
  }
  const shape = given.slice(-dimensions);
  return shape.every((size) => size > 0)
    ? shape
    : node.fail(`output_shape [${shape.join(", ")}] has a size that is not positive`);
}

function transposed(
  node: NodeContext,
  input: Operand,
  filter: Operand,
  bias: Operand | undefined,
  windows: readonly Window[],
): Operand {
  const options = {
    ...imageOptions(windows.map((window) => ({ ...window, end: Math.max(0, window.end) }))),
    outputPadding: asPair(
      windows.map(({ end }) => Math.max(0, -end)),
      0,
    ),
    groups: groupsOf(node),
    label: node.label,
    ...(bias !== undefined && { bias }),
  };
  return onImages(node, [input, filter], ([image, kernel]) =>
    node.builder.convTranspose2d(image!, kernel!, options),
  );
}

function withMoreDimensions(
  node: NodeContext,
  input: Operand,
  filter: Operand,
  bias: Operand | undefined,
  windows: readonly Window[],
): Operand {
  const { reshape, transpose } = calculatorOf(node);
  const groups = groupsOf(node);
  const before = windows.slice(0, -2);
  const kernel = before.map((window) => window.kernel);
  const [batch, channels] = input.shape;
  const places = input.shape.slice(2, 2 + before.length);
  const axes = input.shape.map((_, axis) => axis);
  const images = transpose(input, [
    0,
    ...axes.slice(2, 2 + before.length),
    1,
    ...axes.slice(2 + before.length),
  ]);
  const result = transposed(
    node,
    reshape(images, [multiplySizes(batch!, ...places), channels!, ...input.shape.slice(-2)]),
    reshape(filter, [
      channels!,
      multiplySizes(filter.shape[1]!, ...kernel),
      ...filter.shape.slice(-2),
    ]),
    undefined,
    windows.slice(-2),
  );
  const split = unstackImages(node, result, batch!, places);
  let x = reshape(split, [
    batch!,
    multiplySizes(filter.shape[1]!, groups),
    ...kernel,
    ...split.shape.slice(2),
  ]);
  before.forEach((window, i) => {
    // Windows that are done left no axis behind; that of this one is the first after the channels.
    const left = before.length - i;
    x = overlapAdd(node, x, 2 + left + i, 2, window);
  });
  return withBias(node, x, bias);
}

function withBias(node: NodeContext, x: Operand, bias: Operand | undefined): Operand {
  if (bias === undefined) return x;
  const { add, reshape } = calculatorOf(node);
  return add(x, reshape(bias, [1, bias.shape[0]!, ...x.shape.slice(2).map(() => 1)]));
}

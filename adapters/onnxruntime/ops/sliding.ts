/** Windows along single dimensions, as slices: what WebNN's images of two dimensions leave over. */
import { addSizes, multiplySizes, subtractSizes, type Size } from "../core.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { windowCount, type Window } from "./window.ts";

/** Each element of a window is a slice of its own in the graph. */
const maxSlices = 4096;

/** For each element of the window what it meets at all its places along `axis`; padding holds `value`. */
export function slidingSlices(
  node: NodeContext,
  x: Operand,
  axis: number,
  window: Window,
  value: number,
): readonly Operand[] {
  const { kernel, begin, end, stride, dilation } = window;
  if (kernel > maxSlices) node.fail(`a window of ${kernel} elements; ${maxSlices} are the most`);
  const { builder, label } = node;
  const count = windowCount(node, x.shape[axis]!, window);
  const only = <T>(there: T, elsewhere: T) =>
    x.shape.map((_, i) => (i === axis ? there : elsewhere));
  const padded =
    begin + end === 0 ? x : builder.pad(x, only(begin, 0), only(end, 0), { value, label });
  if (kernel === 1 && stride === 1) return [padded];
  const extent = addSizes(multiplySizes(subtractSizes(count, 1), stride), 1);
  const sizes = padded.shape.map((size, i) => (i === axis ? extent : size));
  return Array.from({ length: kernel }, (_, i) =>
    builder.slice(padded, only(i * dilation, 0), sizes, {
      label,
      ...(stride > 1 && { strides: only(stride, 1) }),
    }),
  );
}

/**
 * The dimensions before the last two as channels: each element of a window over them is a channel of its own, each
 * place of the window an image. [batch, channels, …before, height, width] becomes
 * [batch · …places, channels · …kernel, height, width].
 */
export function stackWindows(
  node: NodeContext,
  x: Operand,
  windows: readonly Window[],
): { readonly images: Operand; readonly places: readonly Size[] } {
  const { builder, label } = node;
  const { reshape, transpose } = calculatorOf(node);
  const before = windows.length;
  let stacked = x;
  windows.forEach((window, i) => {
    const at = 2 + before + i;
    const parts = slidingSlices(node, stacked, 2 + i, window, 0).map((part) =>
      reshape(part, part.shape.toSpliced(at, 0, 1)),
    );
    stacked = parts.length === 1 ? parts[0]! : builder.concat(parts, at, { label });
  });
  const rank = stacked.shape.length;
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const images = transpose(stacked, [0, ...range(2, 2 + before), 1, ...range(2 + before, rank)]);
  const places = stacked.shape.slice(2, 2 + before);
  const kernel = windows.map((window) => window.kernel);
  return {
    places,
    images: reshape(images, [
      multiplySizes(x.shape[0]!, ...places),
      multiplySizes(x.shape[1]!, ...kernel),
      ...x.shape.slice(-2),
    ]),
  };
}

/** [batch · …places, channels, …inner] as [batch, channels, …places, …inner]. */
export function unstackImages(
  node: NodeContext,
  images: Operand,
  batch: Size,
  places: readonly Size[],
): Operand {
  const { reshape, transpose } = calculatorOf(node);
  const x = reshape(images, [batch, ...places, ...images.shape.slice(1)]);
  const axes = x.shape.map((_, axis) => axis);
  const channel = 1 + places.length;
  return transpose(x, [0, channel, ...axes.slice(1, channel), ...axes.slice(channel + 1)]);
}

/**
 * The opposite of sliding: element k of the window, at its place p along `axis`, lands on stride · p + dilation · k,
 * and what lands on the same place is added. `kernelAxis` holds the elements and goes away; `begin` and `end` are cut off
 * (a negative `end` adds zeros).
 */
export function overlapAdd(
  node: NodeContext,
  x: Operand,
  axis: number,
  kernelAxis: number,
  window: Window,
): Operand {
  const { kernel, dilation } = window;
  if (kernel > maxSlices) node.fail(`a window of ${kernel} elements; ${maxSlices} are the most`);
  const { builder, label } = node;
  const { add, reshape } = calculatorOf(node);
  const shape = x.shape.toSpliced(kernelAxis, 1);
  const target = kernelAxis < axis ? axis - 1 : axis;
  let sum: Operand | undefined;
  for (let k = 0; k < kernel; k++) {
    const starts = x.shape.map((_, i) => (i === kernelAxis ? k : 0));
    const sizes = x.shape.map((size, i) => (i === kernelAxis ? 1 : size));
    const part = reshape(builder.slice(x, starts, sizes, { label }), shape);
    const placed = placeAlong(node, part, target, k * dilation, window);
    if (placed !== undefined) sum = sum === undefined ? placed : add(sum, placed);
  }
  return sum ?? node.fail(`its padding cuts off all of dimension ${target - 1}`);
}

/** The elements along `axis`, `stride` apart from `offset` on, among zeros; undefined where all are cut off. */
function placeAlong(
  node: NodeContext,
  x: Operand,
  axis: number,
  offset: number,
  window: Window,
): Operand | undefined {
  const { builder, label } = node;
  const { reshape } = calculatorOf(node);
  const { kernel, dilation, stride, begin, end } = window;
  const only = (there: number) => x.shape.map((_, i) => (i === axis ? there : 0));
  let spread = x;
  if (stride > 1) {
    const split = x.shape.toSpliced(axis + 1, 0, 1);
    const zeros = split.map((_, i) => (i === axis + 1 ? stride - 1 : 0));
    const apart = builder.pad(
      reshape(x, split),
      split.map(() => 0),
      zeros,
      { label },
    );
    spread = reshape(apart, x.shape.with(axis, multiplySizes(x.shape[axis]!, stride)));
  }
  const length = addSizes(multiplySizes(subtractSizes(x.shape[axis]!, 1), stride), 1);
  const before = offset - begin;
  const after = (kernel - 1) * dilation - offset - end;
  const cutBefore = Math.max(0, -before);
  const kept = addSizes(length, -cutBefore, -Math.max(0, -after));
  if (node.decisions.less(kept, 1)) return undefined;
  const cut = builder.slice(spread, only(cutBefore), spread.shape.with(axis, kept), { label });
  return builder.pad(cut, only(Math.max(0, before)), only(Math.max(0, after)), { label });
}

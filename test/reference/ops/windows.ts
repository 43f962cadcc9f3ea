/** conv2d, convTranspose2d, pools and resample2d of the reference, position by position. */
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import type { Numeric } from "../values.ts";
import {
  addUp,
  at,
  buildSums,
  evaluator,
  mean,
  numberAt,
  rootOfSquares,
  type Evaluate,
  type Result,
  type Shape,
  type Sum,
  type Tensor,
} from "./tensor.ts";

interface Window {
  readonly input: Tensor;
  readonly padding?: Shape;
  readonly strides?: Shape;
  readonly dilations?: Shape;
}
interface Conv extends Window {
  readonly filter: Tensor;
  readonly bias?: Tensor;
  readonly groups?: number;
  readonly inputLayout?: string;
  readonly filterLayout?: string;
  readonly outputPadding?: Shape;
  readonly outputSizes?: Shape;
}
interface Pool extends Window {
  readonly windowDimensions?: Shape;
  readonly layout?: string;
  readonly outputShapeRounding?: string;
  readonly outputSizes?: Shape;
}

/** A dimension by its letter: batch "n", channels "c", height "h", width "w", filters "o" and "i". */
type Named = Readonly<Record<string, number>>;

function named(layout: string, list: Shape): Named {
  return Object.fromEntries([...layout].map((letter, d) => [letter, list[d]!]));
}

function listed(layout: string, parts: Named): number[] {
  return [...layout].map((letter) => parts[letter]!);
}

export const windows: Readonly<Record<string, Evaluate>> = {
  conv2d: evaluator((args: Conv) => [convolution(args)]),
  convTranspose2d: evaluator((args: Conv) => [transposed(args)]),
  averagePool2d: pool(mean),
  l2Pool2d: pool(rootOfSquares),
  maxPool2d: evaluator((args: Pool) => [largestInWindow(args)]),
  resample2d: evaluator((args: Resample) => [resampled(args)]),
};

function convolution(args: Conv): Result {
  const { input, filter, bias, groups = 1, inputLayout = "nchw", filterLayout = "oihw" } = args;
  const { padding = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] } = args;
  const image = named(inputLayout, input.shape);
  const kernel = named(filterLayout, filter.shape);
  const size = (d: number, length: number, window: number): number =>
    outputSize(length, window, padding.slice(2 * d), strides[d]!, dilations[d]!, Math.floor);
  const shape = listed(inputLayout, {
    n: image["n"]!,
    c: kernel["o"]!,
    h: size(0, image["h"]!, kernel["h"]!),
    w: size(1, image["w"]!, kernel["w"]!),
  });
  const element = (index: number[]): Sum => {
    const { n, c, h, w } = named(inputLayout, index) as Record<"n" | "c" | "h" | "w", number>;
    const group = Math.floor(c / (kernel["o"]! / groups));
    const terms: number[] = bias === undefined ? [] : [numberAt(bias, [c])];
    for (let i = 0; i < kernel["i"]!; i++) {
      for (const [y, x] of positions(kernel)) {
        const row = h * strides[0]! + y * dilations[0]! - padding[0]!;
        const column = w * strides[1]! + x * dilations[1]! - padding[2]!;
        const inside = isInside(row, image["h"]!) && isInside(column, image["w"]!);
        const channel = group * kernel["i"]! + i;
        // Padding is zeros, and 0 · ∞ is NaN.
        const pixel = inside
          ? numberAt(input, listed(inputLayout, { n, c: channel, h: row, w: column }))
          : 0;
        terms.push(pixel * numberAt(filter, listed(filterLayout, { o: c, i, h: y, w: x })));
      }
    }
    return addUp(terms);
  };
  return buildSums(input.dataType, shape, element);
}

/** Each pixel of the input is spread over the output, strides apart; what falls into the padding is dropped. */
function transposed(args: Conv): Result {
  const { input, filter, bias, groups = 1, inputLayout = "nchw", filterLayout = "iohw" } = args;
  const { padding = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] } = args;
  const { outputPadding = [0, 0], outputSizes } = args;
  const image = named(inputLayout, input.shape);
  const kernel = named(filterLayout, filter.shape);
  const size = (d: number, length: number, window: number): number => {
    if (outputSizes !== undefined) return outputSizes[d]!;
    const reach = (window - 1) * dilations[d]! + 1;
    const cut = padding[2 * d]! + padding[2 * d + 1]!;
    return (length - 1) * strides[d]! + reach - cut + outputPadding[d]!;
  };
  const perGroup = kernel["o"]!;
  const shape = listed(inputLayout, {
    n: image["n"]!,
    c: perGroup * groups,
    h: size(0, image["h"]!, kernel["h"]!),
    w: size(1, image["w"]!, kernel["w"]!),
  });
  const element = (index: number[]): Sum => {
    const { n, c, h, w } = named(inputLayout, index) as Record<"n" | "c" | "h" | "w", number>;
    const group = Math.floor(c / perGroup);
    const inputsPerGroup = image["c"]! / groups;
    const terms: number[] = bias === undefined ? [] : [numberAt(bias, [c])];
    for (let i = 0; i < inputsPerGroup; i++) {
      for (const [y, x] of positions(kernel)) {
        const row = (h + padding[0]! - y * dilations[0]!) / strides[0]!;
        const column = (w + padding[2]! - x * dilations[1]!) / strides[1]!;
        if (!isInside(row, image["h"]!) || !isInside(column, image["w"]!)) continue;
        const channel = group * inputsPerGroup + i;
        const pixel = listed(inputLayout, { n, c: channel, h: row, w: column });
        const weight = listed(filterLayout, { i: channel, o: c % perGroup, h: y, w: x });
        terms.push(numberAt(input, pixel) * numberAt(filter, weight));
      }
    }
    return addUp(terms);
  };
  return buildSums(input.dataType, shape, element);
}

function positions({ h, w }: Named): [number, number][] {
  return Array.from({ length: h! * w! }, (_, i) => [Math.floor(i / w!), i % w!]);
}

/** Whole, and between 0 and the size. */
function isInside(position: number, size: number): boolean {
  return Number.isInteger(position) && position >= 0 && position < size;
}

function outputSize(
  length: number,
  window: number,
  [before, after]: Shape,
  stride: number,
  dilation: number,
  round: (x: number) => number,
): number {
  const reach = (window - 1) * dilation + 1;
  return round(1 + (length - reach + before! + after!) / stride);
}

function pool(fold: (values: readonly number[]) => Sum): Evaluate {
  return evaluator((args: Pool) => {
    const { dataType } = args.input;
    const { shape, members } = overWindow(args);
    return [buildSums(dataType, shape, (index) => fold(members(index).map(Number)))];
  });
}

function largestInWindow(args: Pool): Result {
  const { shape, members } = overWindow(args);
  const { dataType } = args.input;
  const largest = (values: Numeric[]): Numeric =>
    values.reduce((a, b) => (Number.isNaN(a) || a > b ? a : b));
  const indices = buildSums(dataType, shape, () => ({ value: 0, magnitude: 0 }));
  return { dataType, shape, values: eachIndex(indices, (index) => largest(members(index))) };
}

function eachIndex({ shape }: Tensor, value: (index: number[]) => Numeric): Numeric[] {
  const count = shape.reduce((a, b) => a * b, 1);
  return Array.from({ length: count }, (_, flat) => {
    const index: number[] = [];
    for (let d = shape.length - 1, rest = flat; d >= 0; d--) {
      index.unshift(rest % shape[d]!);
      rest = Math.floor(rest / shape[d]!);
    }
    return value(index);
  });
}

/** The output's shape, and the elements of the image under the window at each of its indices. */
function overWindow(args: Pool) {
  const { input, layout = "nchw", outputShapeRounding, outputSizes } = args;
  const { padding = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] } = args;
  const image = named(layout, input.shape);
  const [height, width] = args.windowDimensions ?? [image["h"]!, image["w"]!];
  const round = outputShapeRounding === "ceil" ? Math.ceil : Math.floor;
  const size = (d: number, length: number, window: number): number =>
    outputSizes?.[d] ??
    outputSize(length, window, padding.slice(2 * d), strides[d]!, dilations[d]!, round);
  const shape = listed(layout, {
    ...image,
    h: size(0, image["h"]!, height!),
    w: size(1, image["w"]!, width!),
  });
  const members = (index: Shape): Numeric[] => {
    const { n, c, h, w } = named(layout, index) as Record<"n" | "c" | "h" | "w", number>;
    return positions({ h: height!, w: width! }).flatMap(([y, x]) => {
      const row = h * strides[0]! + y * dilations[0]! - padding[0]!;
      const column = w * strides[1]! + x * dilations[1]! - padding[2]!;
      const inside = isInside(row, image["h"]!) && isInside(column, image["w"]!);
      return inside ? [at(input, listed(layout, { n: n, c: c, h: row, w: column }))] : [];
    });
  };
  return { shape, members };
}

interface Resample {
  readonly input: Tensor;
  readonly mode?: string;
  readonly scales?: Shape;
  readonly sizes?: Shape;
  readonly axes?: Shape;
}

function resampled({ input, mode, scales = [1, 1], sizes, axes = [2, 3] }: Resample): Result {
  const { shape, dataType } = input;
  const target = axes.map(
    (axis, i) => sizes?.[i] ?? Math.floor(shape[axis]! * Math.fround(scales[i]!)),
  );
  const output = axes.reduce<Shape>((list, axis, i) => list.with(axis, target[i]!), shape);
  const coordinate = (axis: number, at: number): number => {
    const unclamped = ((at + 0.5) * shape[axis]!) / output[axis]! - 0.5;
    return Math.min(Math.max(unclamped, 0), shape[axis]! - 1);
  };
  const element = (index: number[]): Sum => {
    const sample = (positionsOf: Shape): number =>
      numberAt(
        input,
        axes.reduce<Shape>((list, axis, i) => list.with(axis, positionsOf[i]!), index),
      );
    const found = axes.map((axis) => coordinate(axis, index[axis]!));
    if (mode !== "linear") {
      return { value: sample(found.map((x) => Math.ceil(x - 0.5))), magnitude: 0 };
    }
    return addUp(
      [Math.floor, Math.ceil].flatMap((y) =>
        [Math.floor, Math.ceil].map((x) => {
          const corner = [y(found[0]!), x(found[1]!)];
          return sample(corner) * weight(found[0]!, y) * weight(found[1]!, x);
        }),
      ),
    );
  };
  return roundedOrOpen(dataType, buildSums(dataType, output, element));
}

/** Of the two neighbours; where the position is whole they are one, and the first has all the weight. */
function weight(position: number, neighbour: (x: number) => number): number {
  const share = position - Math.floor(position);
  return neighbour === Math.floor ? 1 - share : share;
}

/** How an interpolated integer is rounded the spec leaves open: either neighbour will do. */
function roundedOrOpen(dataType: StorageType, result: Result): Result {
  if (dataType.startsWith("float")) return result;
  const whole = result.values.map((x) => Math.floor(Number(x)));
  const slack = result.values.map((x, i) => (Number(x) > whole[i]! ? 1 : 0));
  return { dataType, shape: result.shape, values: whole, slack };
}

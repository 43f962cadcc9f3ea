/** GridSample, AffineGrid and DeformConv: images at points that a grid or an offset says. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { multiplySizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { op, type OpRow } from "./row.ts";
import { sampleAt, type Interpolation, type Padding } from "./sampling.ts";
import { groupsOf, windowCount, windowsOf, type Window } from "./window.ts";

export const gridSampleRows: readonly OpRow[] = [
  op("GridSample", { since: 16, convert: gridSample }),
  op("AffineGrid", { since: 20, convert: affineGrid }),
  op("DeformConv", { since: 19, convert: deformConv }),
];

const modes: Readonly<Record<string, Interpolation>> = {
  linear: "linear",
  bilinear: "linear",
  nearest: "nearest",
  cubic: "cubic",
  bicubic: "cubic",
};

/** The grid's coordinates are -1 at one end of the image and 1 at the other, the last dimension first. */
function gridSample(node: NodeContext): Value {
  const { cast, div, mul, reshape, size, sub } = calculatorOf(node);
  const x = node.operand(0);
  const sizes = x.shape.slice(2);
  const grid = cast(node.operand(1), "float32");
  const mode = node.text("mode", node.opset < 20 ? "bilinear" : "linear");
  const padding = node.text("padding_mode", "zeros");
  const paddings: readonly Padding[] = ["zeros", "border", "reflection"];
  const alignCorners = node.int("align_corners", 0) !== 0;
  const places = grid.shape.slice(1, -1);
  if (sizes.length < 1 || sizes.length > 3) node.fail(`images of ${sizes.length} dimensions`);
  if (grid.shape.length !== x.shape.length) node.fail(`a grid of rank ${grid.shape.length}`);
  const count = multiplySizes(...places);
  const points = sizes.map((length, d) => {
    const starts = grid.shape.map((_, axis) =>
      axis === grid.shape.length - 1 ? sizes.length - 1 - d : 0,
    );
    const along = node.builder.slice(grid, starts, [...grid.shape.slice(0, -1), 1], {
      label: node.label,
    });
    const g = calculatorOf(node).add(reshape(along, [grid.shape[0]!, count]), 1);
    const whole = size(length, "float32");
    return alignCorners ? mul(div(g, 2), sub(whole, 1)) : div(sub(mul(g, whole), 1), 2);
  });
  const sampled = sampleAt(node, cast(x, "float32"), points, {
    interpolation: modes[mode] ?? node.fail(`mode '${mode}'`),
    padding: paddings.find((known) => known === padding) ?? node.fail(`padding_mode '${padding}'`),
    endsAtMiddles: alignCorners,
  });
  return node.result(cast(reshape(sampled, [...x.shape.slice(0, 2), ...places]), x.dataType));
}

/** More points than any image has. */
const mostPoints = 2 ** 26;

/** The corners or the middles of the pixels from -1 to 1, moved by a matrix per image. */
function affineGrid(node: NodeContext): Value {
  const { cast, floats, matmul, reshape, transpose } = calculatorOf(node);
  const theta = node.operand(0);
  const [, , ...sizes] = node.integers(1).map((size) => node.decisions.number(size));
  const dimensions = sizes.length;
  const count = sizes.reduce((a, b) => a * b, 1);
  if ((dimensions !== 2 && dimensions !== 3) || !(count >= 1 && count <= mostPoints)) {
    node.fail(`a grid of size [${sizes.join(", ")}]`);
  }
  const alignCorners = node.int("align_corners", 0) !== 0;
  const coordinate = (i: number, size: number) =>
    alignCorners ? (size > 1 ? -1 + (2 * i) / (size - 1) : -1) : (2 * i + 1) / size - 1;
  const points = Array.from({ length: count }, (_, at) => {
    let rest = at;
    const here = [...sizes].reverse().map((size) => {
      const i = rest % size;
      rest = Math.floor(rest / size);
      return coordinate(i, size);
    });
    return [...here, 1];
  });
  const base = floats([1, count, dimensions + 1], points.flat());
  const moved = matmul(base, transpose(cast(theta, "float32"), [0, 2, 1]));
  const grid = reshape(moved, [theta.shape[0]!, ...sizes, dimensions]);
  return node.result(cast(grid, theta.dataType));
}

/** A convolution whose windows take their pixels from where `offset` moves them, times `mask`. */
function deformConv(node: NodeContext): Value {
  const { add, cast, matmul, mul, reshape } = calculatorOf(node);
  const [x, filter] = [node.operand(0), node.operand(1)];
  const windows = windowsOf(node, x.shape.slice(2), filter.shape.slice(2));
  const groups = groupsOf(node);
  const fields = node.int("offset_group", 1);
  if (fields < 1) node.fail(`offset_group ${fields}`);
  const [batch, channels, output] = [x.shape[0]!, x.shape[1]!, filter.shape[0]!].map((size) =>
    node.decisions.number(size),
  ) as [number, number, number];
  if (channels % fields !== 0 || channels % groups !== 0 || output % groups !== 0) {
    node.fail(`${channels} channels, ${output} outputs, group ${groups}, offset_group ${fields}`);
  }
  const kernel = windows.reduce((count, window) => count * window.kernel, 1);
  const places = windows.map((window, d) => windowCount(node, x.shape[2 + d]!, window));
  const count = multiplySizes(kernel, ...places);
  const images = reshape(cast(x, "float32"), [
    batch * fields,
    channels / fields,
    ...x.shape.slice(2),
  ]);
  const points = deformedPoints(node, windows, places, batch * fields);
  const options = { interpolation: "linear", padding: "zeros", endsAtMiddles: false } as const;
  const taken = sampleAt(node, images, points, options);
  const masked = node.has(4)
    ? mul(taken, reshape(cast(node.operand(4), "float32"), [batch * fields, 1, count]))
    : taken;
  const depth = (channels / groups) * kernel;
  const columns = reshape(masked, [batch, groups, depth, multiplySizes(...places)]);
  const weights = reshape(cast(filter, "float32"), [1, groups, output / groups, depth]);
  const sum = reshape(matmul(weights, columns), [batch, output, ...places]);
  if (!node.has(3)) return node.result(cast(sum, x.dataType));
  const bias = reshape(cast(node.operand(3), "float32"), [1, output, ...places.map(() => 1)]);
  return node.result(cast(add(sum, bias), x.dataType));
}

/** For each dimension [fields, element of the window · place] in pixels. */
function deformedPoints(
  node: NodeContext,
  windows: readonly Window[],
  places: readonly Size[],
  fields: number,
): readonly Operand[] {
  const { builder, label } = node;
  const { add, cast, count, mul, reshape, sub } = calculatorOf(node);
  const kernel = windows.map((window) => window.kernel);
  const elements = kernel.reduce((a, b) => a * b, 1);
  const dimensions = windows.length;
  const offset = reshape(cast(node.operand(2), "float32"), [
    fields,
    elements,
    dimensions,
    ...places,
  ]);
  const shape = [fields, ...kernel, ...places];
  return windows.map(({ stride, dilation, begin }, d) => {
    const starts = offset.shape.map((_, axis) => (axis === 2 ? d : 0));
    const moved = builder.slice(offset, starts, offset.shape.with(2, 1), { label });
    const along = (axis: number, length: Size, by: number) =>
      mul(
        reshape(
          cast(count(length), "float32"),
          shape.map((_, i) => (i === axis ? length : 1)),
        ),
        by,
      );
    const element = along(1 + d, kernel[d]!, dilation);
    const place = along(1 + dimensions + d, places[d]!, stride);
    const regular = sub(add(element, place), begin);
    return reshape(add(reshape(moved, shape), regular), [
      fields,
      multiplySizes(elements, ...places),
    ]);
  });
}

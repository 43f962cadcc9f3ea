/** Pools over regions of images that are data: RoiAlign and MaxRoiPool. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape, multiplySizes } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf, type Calculator } from "./calculate.ts";
import { alignOnHost } from "./regions-on-host.ts";
import { op, type OpRow } from "./row.ts";
import { sampleAt } from "./sampling.ts";

export const regionRows: readonly OpRow[] = [
  op("RoiAlign", { since: 10, empties: true, convert: roiAlign, compute: alignOnHost }),
  op("MaxRoiPool", { empties: true, convert: maxRoiPool }),
];

/** More cells or samples than any model asks for. */
const most = 2 ** 12;

function size(node: NodeContext, name: string, otherwise: number): number {
  const value = node.int(name, otherwise);
  return value >= 0 && value <= most ? value : node.fail(`${name} ${value}`);
}

/** Each cell of a region is the mean, or the maximum, of samples at regular points. */
function roiAlign(node: NodeContext): Value {
  const { cast, max, reduce, reshape, where } = calculatorOf(node);
  const samples = size(node, "sampling_ratio", 0);
  if (samples === 0) node.leaveToHost("each region has its own number of samples");
  const mode = node.text("mode", "avg");
  if (mode !== "avg" && mode !== "max") node.fail(`mode '${mode}'`);
  const cells = [size(node, "output_height", 1), size(node, "output_width", 1)];
  if (hasNone(node)) return ofNothing(node, cells);
  const x = node.operand(0);
  const images = imagesOf(node, cast(x, "float32"), node.operand(2));
  const rois = cast(node.operand(1), "float32");
  const [regions, channels, ...sizes] = images.shape;
  const along = cells.map((count, d) => samplePoints(node, rois, d, count, samples));
  const shape = [regions!, cells[0]!, cells[1]!, samples, samples];
  const points = along.map((x, d) => {
    const placed = reshape(x, [
      regions!,
      ...(d === 0 ? [cells[0]!, 1, samples, 1] : [1, cells[1]!, 1, samples]),
    ]);
    return reshape(calculatorOf(node).expand(placed, shape), [
      regions!,
      multiplySizes(...shape.slice(1)),
    ]);
  });
  // What is more than a pixel outside counts as 0, the rest as the border.
  const calculate = calculatorOf(node);
  const isNear = points.map((x, d) => nearImage(calculate, x, sizes[d]!)).reduce(calculate.and);
  const inside = points.map((x, d) => {
    const last = calculate.sub(calculate.size(sizes[d]!, "float32"), 1);
    return calculate.clamp(x, 0, last);
  });
  const sampled = sampleAt(node, images, inside, {
    interpolation: "linear",
    padding: "border",
    endsAtMiddles: true,
    ...(mode === "max" && { combine: max }),
  });
  const kept = where(reshape(isNear, [regions!, 1, isNear.shape[1]!]), sampled, 0);
  const cellShape = [regions!, channels!, cells[0]!, cells[1]!];
  const split = reshape(kept, [...cellShape, samples * samples]);
  const folded = reduce(mode === "avg" ? "reduceMean" : "reduceMax", split, [4]);
  return node.result(cast(reshape(folded, cellShape), x.dataType));
}

/** There may be no regions, but images there must be. */
function hasNone(node: NodeContext): boolean {
  if (isEmptyShape(node.shape(0))) node.fail(`images ${formatShape(node.shape(0))}`);
  return isEmptyShape(node.shape(1));
}

function ofNothing(node: NodeContext, cells: readonly number[]): Value {
  return { kind: "empty", type: node.type(0), shape: [0, node.shape(0)[1]!, ...cells] };
}

function nearImage(
  { and, greaterOrEqual, lesserOrEqual, size: sizeOperand }: Calculator,
  x: Operand,
  size: Operand["shape"][number],
): Operand {
  return and(greaterOrEqual(x, -1), lesserOrEqual(x, sizeOperand(size, "float32")));
}

/** The image of each region. */
function imagesOf({ builder, label }: NodeContext, x: Operand, indices: Operand): Operand {
  return builder.gather(x, indices, { axis: 0, label });
}

/** A column of the regions' corners: [regions, 1]. */
function column({ builder, label }: NodeContext, rois: Operand, i: number): Operand {
  return builder.slice(rois, [0, i], [rois.shape[0]!, 1], { label });
}

/** Coordinates of the samples along one dimension, [regions, cells · samples]. */
function samplePoints(
  node: NodeContext,
  rois: Operand,
  dimension: number,
  cells: number,
  samples: number,
): Operand {
  const { add, div, floats, max, mul, sub } = calculatorOf(node);
  const scale = node.float("spatial_scale", 1);
  const isHalfPixel = hasHalfPixels(node);
  const corner = (i: number) => sub(mul(column(node, rois, i), scale), isHalfPixel ? 0.5 : 0);
  const start = corner(1 - dimension);
  const extent = sub(corner(3 - dimension), start);
  // Of old every region had at least one pixel.
  const cell = div(isHalfPixel ? extent : max(extent, 1), cells);
  const places = Array.from({ length: cells * samples }, (_, i) => (i + 0.5) / samples);
  return add(start, mul(cell, floats([1, cells * samples], places)));
}

function hasHalfPixels(node: NodeContext): boolean {
  if (node.opset < 16) return false;
  const mode = node.text("coordinate_transformation_mode", "half_pixel");
  if (mode !== "half_pixel" && mode !== "output_half_pixel") {
    node.fail(`coordinate_transformation_mode '${mode}'`);
  }
  return mode === "half_pixel";
}

/** The maximum of whole pixels, first along the width, then along the height. Rows of rois are image and corners. */
function maxRoiPool(node: NodeContext): Value {
  const { cast, lesser, reduce, reshape, where } = calculatorOf(node);
  const [height, width] = node.ints("pooled_shape") ?? [];
  if (
    height === undefined ||
    width === undefined ||
    !(height >= 1 && width >= 1 && height * width <= most)
  ) {
    return node.fail(`pooled_shape [${node.ints("pooled_shape")?.join(", ") ?? ""}]`);
  }
  if (hasNone(node)) return ofNothing(node, [height, width]);
  const x = node.operand(0);
  const rois = cast(node.operand(1), "float32");
  const indices = cast(reshape(column(node, rois, 0), [rois.shape[0]!]), "int32");
  const images = imagesOf(node, x, indices);
  const [regions, channels, rows, columns] = images.shape;
  const acrossRows = cellBounds(node, rois, 2, height, rows!);
  const acrossColumns = cellBounds(node, rois, 1, width, columns!);
  const inColumns = reshape(acrossColumns.inside, [regions!, 1, 1, width, columns!]);
  const wide = reshape(images, [regions!, channels!, rows!, 1, columns!]);
  const narrow = reduce("reduceMax", where(inColumns, wide, -Infinity), [4]);
  const inRows = reshape(acrossRows.inside, [regions!, 1, height, rows!, 1]);
  const high = reshape(narrow, [regions!, channels!, 1, rows!, width]);
  const pooled = reduce("reduceMax", where(inRows, high, -Infinity), [3]);
  const filled = [
    reshape(lesser(acrossRows.from, acrossRows.to), [regions!, 1, height, 1]),
    reshape(lesser(acrossColumns.from, acrossColumns.to), [regions!, 1, 1, width]),
  ];
  const result = reshape(pooled, [regions!, channels!, height, width]);
  return node.result(where(calculatorOf(node).and(filled[0]!, filled[1]!), result, 0));
}

/** For each cell which pixels are its own: those from `from` to before `to`, [regions, cells]. */
function cellBounds(
  node: NodeContext,
  rois: Operand,
  first: number,
  cells: number,
  length: Operand["shape"][number],
): { readonly from: Operand; readonly to: Operand; readonly inside: Operand } {
  const calculate = calculatorOf(node);
  const { abs, add, and, cast, ceil, clamp, count, div, floats, floor, greaterOrEqual } = calculate;
  const { lesser, max, mul, reshape, sub } = calculate;
  const scale = node.float("spatial_scale", 1);
  // Halves go away from zero.
  const rounded = (x: Operand) =>
    mul(floor(add(abs(x), 0.5)), node.builder.sign(x, { label: node.label }));
  const start = rounded(mul(column(node, rois, first), scale));
  const end = rounded(mul(column(node, rois, first + 2), scale));
  const cell = div(max(add(sub(end, start), 1), 1), cells);
  const numbers = (offset: number) =>
    floats(
      [1, cells],
      Array.from({ length: cells }, (_, i) => i + offset),
    );
  const last = calculate.size(length, "float32");
  const from = clamp(add(floor(mul(numbers(0), cell)), start), 0, last);
  const to = clamp(add(ceil(mul(numbers(1), cell)), start), 0, last);
  const pixels = reshape(cast(count(length), "float32"), [1, 1, length]);
  const wide = (x: Operand) => reshape(x, [x.shape[0]!, cells, 1]);
  const inside = and(greaterOrEqual(pixels, wide(from)), lesser(pixels, wide(to)));
  return { from, to, inside };
}

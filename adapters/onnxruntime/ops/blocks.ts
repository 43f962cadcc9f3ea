/** Blocks of pixels as channels and back, and Col2Im, which adds up blocks where they overlap. */
import { NeedsNumbers } from "../convert/decisions.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { divideExactly, floorDivideSizes, multiplySizes, type Size } from "../core.ts";
import { calculatorOf } from "./calculate.ts";
import { op, type OpRow } from "./row.ts";
import { overlapAdd } from "./sliding.ts";
import { list, reachOf } from "./window.ts";

export const blockRows: readonly OpRow[] = [
  op("DepthToSpace", { convert: depthToSpace }),
  op("SpaceToDepth", { convert: spaceToDepth }),
  op("Col2Im", { since: 18, convert: columnsToImage }),
];

function blockSize(node: NodeContext): number {
  const size = node.int("blocksize", 0);
  if (node.rank(0) !== 4) node.fail(`its input has rank ${node.rank(0)}, not 4`);
  return size >= 1 && size < 2 ** 15 ? size : node.fail(`blocksize ${size}`);
}

function depthToSpace(node: NodeContext): Value {
  const { reshape, transpose } = calculatorOf(node);
  const size = blockSize(node);
  const x = node.operand(0);
  const [batch, depth, height, width] = x.shape;
  const channels = divided(node, depth!, size * size);
  const mode = node.text("mode", "DCR");
  if (mode !== "DCR" && mode !== "CRD") node.fail(`mode '${mode}'`);
  const [split, order]: readonly [readonly Size[], readonly number[]] =
    mode === "DCR"
      ? [
          [size, size, channels],
          [0, 3, 4, 1, 5, 2],
        ]
      : [
          [channels, size, size],
          [0, 1, 4, 2, 5, 3],
        ];
  const blocks = transpose(reshape(x, [batch!, ...split, height!, width!]), order);
  const [rows, columns] = [multiplySizes(height!, size), multiplySizes(width!, size)];
  return node.result(reshape(blocks, [batch!, channels, rows, columns]));
}

function spaceToDepth(node: NodeContext): Value {
  const { reshape, transpose } = calculatorOf(node);
  const size = blockSize(node);
  const x = node.operand(0);
  const [batch, channels, height, width] = x.shape;
  const [rows, columns] = [divided(node, height!, size), divided(node, width!, size)];
  const blocks = reshape(x, [batch!, channels!, rows, size, columns, size]);
  const depth = multiplySizes(channels!, size * size);
  const deep = transpose(blocks, [0, 3, 5, 1, 2, 4]);
  return node.result(reshape(deep, [batch!, depth, rows, columns]));
}

/** The quotient of a division without a rest. */
function divided(node: NodeContext, size: Size, divisor: number): Size {
  const exact = divideExactly(size, divisor);
  if (exact !== undefined) return exact;
  if (typeof size !== "number") throw new NeedsNumbers([size]);
  return node.fail(`${size} is not a multiple of ${divisor}`);
}

/** [batch, channels · …block, …places of the block] to images. */
function columnsToImage(node: NodeContext): Value {
  const { reshape } = calculatorOf(node);
  const numbers = (input: number) =>
    node.integers(input).map((size) => node.decisions.number(size));
  const [image, kernel] = [numbers(1), numbers(2)];
  const dimensions = image.length;
  if (kernel.length !== dimensions || kernel.some((size) => size < 1)) {
    node.fail(`a block [${kernel.join(", ")}] of an image [${image.join(", ")}]`);
  }
  const strides = list(node, "strides", dimensions, 1, 1);
  const dilations = list(node, "dilations", dimensions, 1, 1);
  const pads = list(node, "pads", 2 * dimensions, 0, 0);
  const windows = image.map((size, i) => {
    const given = { kernel: kernel[i]!, stride: strides[i]!, dilation: dilations[i]! };
    const [begin, behind] = [pads[i]!, pads[i + dimensions]!];
    const steps = Math.floor((size + begin + behind - reachOf(given)) / given.stride);
    if (steps < 0) node.fail(`a block of ${reachOf(given)} in ${size} padded pixels`);
    const whole = steps * given.stride + reachOf(given);
    return { ...given, begin, end: whole - begin - size, places: steps + 1 };
  });
  const x = node.operand(0);
  const [batch, depth] = x.shape;
  const block = kernel.reduce((a, b) => a * b, 1);
  const channels = divideExactly(depth!, block) ?? floorDivideSizes(depth!, block);
  const places = windows.map((window) => window.places);
  const columns = reshape(x, [batch!, channels, ...kernel, ...places]);
  const result = windows.reduce(
    (sum, window) => overlapAdd(node, sum, 2 + dimensions, 2, window),
    columns,
  );
  return node.result(result);
}

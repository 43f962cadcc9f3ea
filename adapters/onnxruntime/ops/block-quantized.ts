/**
 * Weights of a few bits with a scale for each block: MatMulNBits and GatherBlockQuantized of com.microsoft.
 *
 * What is packed into bytes becomes a tensor of 4-bit (or 8-bit) numbers before plans, and a graph decodes it with
 * dequantizeLinear: whether it multiplies what it decodes or keeps it decoded is the core's decision.
 */
import type { HostNode } from "../convert/host-node.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { Constant } from "../model/model.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { calculatorOf } from "./calculate.ts";
import { multiplyMatrices } from "./matmul.ts";
import { unpackRows } from "./packed-rows.ts";
import { contribOp, type GivenConstant, type OpRow } from "./row.ts";

export const blockQuantizedRows: readonly OpRow[] = [
  contribOp("MatMulNBits", { convert: matMulNBits, prepare: prepareWeights }),
  contribOp("GatherBlockQuantized", { convert: gatherBlocks, prepare: prepareTable }),
];

const largestBlock = 2 ** 20;

interface Packing {
  readonly bits: number;
  readonly blockSize: number;
  /** N and K. */
  readonly columns: number;
  readonly depth: number;
  /** Along the depth; the last may be longer than what is left. */
  readonly blocks: number;
}

function packingOf(node: HostNode): Packing {
  const blockSize = blockSizeOf(node);
  const [depth, columns] = [node.int("K", 0), node.int("N", 0)];
  if (depth < 1 || columns < 1) node.fail(`K ${depth} and N ${columns}, which must be at least 1`);
  const layout = node.int("weight_prepacked", 0);
  if (layout !== 0) node.fail(`weight_prepacked ${layout}, a layout of other devices`);
  return { bits: bitsOf(node), blockSize, columns, depth, blocks: Math.ceil(depth / blockSize) };
}

function bitsOf(node: HostNode): number {
  const bits = node.int("bits", 4);
  return [2, 4, 8].includes(bits) ? bits : node.fail(`bits ${bits}, of which 2, 4 and 8 are known`);
}

function blockSizeOf(node: HostNode): number {
  const size = node.int("block_size", 128);
  if (!(size >= 16 && size <= largestBlock && Number.isInteger(Math.log2(size)))) {
    node.fail(`block_size ${size} is no power of 2 between 16 and ${largestBlock}`);
  }
  return size;
}

/** Weights as [N, blocks · block_size], zero points as [N, blocks]. */
function prepareWeights(node: HostNode, given: GivenConstant): Constant | undefined {
  const { constant, input } = given;
  if (constant.type !== "uint8" || (input !== 1 && input !== 3)) return undefined;
  const { bits, blockSize, columns, blocks } = packingOf(node);
  const width = input === 1 ? blocks * blockSize : blocks;
  return unpackRows(node, given, { bits, width, shape: [columns, width] });
}

/** a · wᵀ, where each row of w has a scale and a zero point for each block. */
function matMulNBits(node: NodeContext): Value {
  const { builder, label } = node;
  const { add, sub, transpose } = calculatorOf(node);
  const packing = packingOf(node);
  const { columns, blocks, depth, blockSize } = packing;
  checkPrepared(node, 1, "B");
  checkGroups(node, packing);
  const weights = node.operand(1);
  const scale = node.writer.reshaped(node.value(2), [columns, blocks], label);
  const middle = 2 ** (packing.bits - 1);
  const isFloat = node.has(3) && node.type(3) === node.type(2);
  if (node.has(3) && !isFloat) checkPrepared(node, 3, "zero_points");
  const zero =
    node.has(3) && !isFloat
      ? node.operand(3)
      : node.writer.filled(weights.dataType, middle, [columns, blocks]);
  const decoded = builder.dequantizeLinear(weights, scale, zero, { label });
  const whole = depth === blocks * blockSize;
  const w = whole ? decoded : builder.slice(decoded, [0, 0], [columns, depth], { label });
  const product = multiplyMatrices(node, node.operand(0), transpose(w, [1, 0]), label);
  const y = isFloat ? sub(product, ofZeroPoints(node, packing, scale, middle)) : product;
  return node.result(node.has(5) ? add(y, node.operand(5)) : y);
}

/** What zero points that are no integers take away: Σ over blocks of (sum of a's block) · (zero − middle) · scale. */
function ofZeroPoints(
  node: NodeContext,
  { columns, blocks, blockSize, depth }: Packing,
  scale: Operand,
  middle: number,
): Operand {
  const { builder, label } = node;
  const { mul, reduce, reshape, sub, transpose } = calculatorOf(node);
  const a = node.operand(0);
  const rest = blocks * blockSize - depth;
  const none = a.shape.map(() => 0);
  const whole = rest === 0 ? a : builder.pad(a, none, [...none.slice(1), rest], { label });
  const outer = a.shape.slice(0, -1);
  const sums = reduce("reduceSum", reshape(whole, [...outer, blocks, blockSize]), [
    outer.length + 1,
  ]);
  const zero = node.writer.reshaped(node.value(3), [columns, blocks], label);
  const shift = transpose(mul(sub(zero, middle), scale), [1, 0]);
  return multiplyMatrices(node, reshape(sums, [...outer, blocks]), shift, label);
}

function checkPrepared(node: NodeContext, input: number, name: string): void {
  if (node.value(input).kind !== "constant") {
    node.fail(`${name} is computed, and must be a constant`);
  }
}

/** g_idx, which is deprecated, says the block of each row of the weights: only their order is possible. */
function checkGroups(node: NodeContext, { blockSize }: Packing): void {
  if (!node.has(4)) return;
  const groups = node.host(4)?.elements;
  const isOrdered = groups?.every((group, i) => group === Math.floor(i / blockSize));
  if (isOrdered !== true) node.fail("g_idx is not the order of the blocks");
}

/** A table, and its zero points, as numbers along the last axis where they are packed into bytes. */
function prepareTable(node: HostNode, given: GivenConstant): Constant | undefined {
  const { constant, input } = given;
  const bits = bitsOf(node);
  if (constant.type !== "uint8" || (input !== 0 && input !== 3) || bits === 8) return undefined;
  const [last = 0] = constant.shape.slice(-1);
  // A row of zero points may end in bits that mean nothing.
  const width = (input === 3 ? given.other(2)?.shape.at(-1) : undefined) ?? (last * 8) / bits;
  return unpackRows(node, given, { bits, width, shape: [...constant.shape.slice(0, -1), width] });
}

/** Gathered elements of a table, decoded: a core decodes only those. Without zero points bytes are around their middle. */
function gatherBlocks(node: NodeContext): Value {
  const { builder, label } = node;
  const table = node.value(0);
  if (table.kind !== "constant") return node.fail("data is computed, and must be a constant");
  const [data, scale] = [node.operand(0), node.operand(2)];
  const rank = data.shape.length;
  const axis = axisOf(node, node.int("gather_axis", 0), rank);
  axisOf(node, node.int("quantize_axis", 1), rank);
  blockSizeOf(node);
  const { type, given = type } = table.constant;
  const zero = node.has(3)
    ? node.operand(3)
    : node.writer.filled(
        data.dataType,
        given === "uint8" ? 2 ** (bitsOf(node) - 1) : 0,
        scale.shape,
      );
  const decoded = builder.dequantizeLinear(data, scale, zero, { label });
  const gathered = builder.gather(decoded, node.operand(1), { axis, label });
  return node.result(gathered, node.type(2));
}

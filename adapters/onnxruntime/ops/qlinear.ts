/**
 * Ops between 8-bit tensors that stand with their scales and zero points (QOperator models), of ai.onnx and of
 * com.microsoft: decoded, computed, encoded. A core sees the integers in it: see `convert/integer-product.ts`.
 */
import { stored } from "../convert/graph-writer.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { multiplySizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { convolution } from "./convolution.ts";
import { multiplyMatrices } from "./matmul.ts";
import { averages } from "./pool.ts";
import { contribOp, op, type OpRow } from "./row.ts";

export const qlinearRows: readonly OpRow[] = [
  op("QLinearConv", { since: 10, convert: qlinearConv }),
  op("QLinearMatMul", { since: 10, convert: qlinearMatMul }),
  contribOp("QGemm", { convert: qgemm }),
  contribOp("QLinearAdd", { convert: add }),
  contribOp("QLinearMul", { convert: multiply }),
  contribOp("QLinearSigmoid", {
    convert: (node) => ofOne(node, (x) => node.builder.sigmoid(x, { label: node.label })),
  }),
  contribOp("QLinearLeakyRelu", { convert: leakyRelu }),
  contribOp("QLinearSoftmax", { convert: softmax }),
  contribOp("QLinearAveragePool", { convert: averagePool }),
  contribOp("QLinearGlobalAveragePool", { convert: globalAveragePool }),
  contribOp("QLinearConcat", { convert: concat }),
  contribOp("QLinearWhere", { convert: where }),
];

/** Positions of a tensor, its scale and its zero point among the inputs. */
export type Trio = readonly [tensor: number, scale: number, zeroPoint: number];

/** A scale or zero point: one value, or one per index of `axis`, as a tensor of the rank. */
function spread(node: NodeContext, input: number, rank: number, axis: number | undefined): Operand {
  const given = node.shape(input);
  const isOne = given.every((size) => size === 1);
  if (!isOne && axis === undefined) node.fail(`input ${input} has more than one value`);
  if (!isOne && given.length > 1 && given.length !== rank) {
    node.fail(`input ${input} has rank ${given.length}, expected 0, 1 or ${rank}`);
  }
  const length = given.find((size) => size !== 1) ?? 1;
  const shape: readonly Size[] = Array.from({ length: rank }, (_, i) =>
    !isOne && i === axis ? length : 1,
  );
  return node.writer.reshaped(node.value(input), shape, node.label);
}

/** (x − zero point) × scale, with other scales if given. */
export function decoded(
  node: NodeContext,
  [tensor, scale, zeroPoint]: Trio,
  axis?: number,
): Operand {
  return decodedWith(node, [tensor, zeroPoint], spread(node, scale, node.rank(tensor), axis), axis);
}

function decodedWith(
  node: NodeContext,
  [tensor, zeroPoint]: readonly [number, number],
  scale: Operand,
  axis?: number,
): Operand {
  const { builder, label, writer } = node;
  const x = node.operand(tensor);
  const zero = node.has(zeroPoint)
    ? spread(node, zeroPoint, x.shape.length, axis)
    : writer.filled(x.dataType, 0, scale.shape);
  const shape = scale.shape.map((size, i) => (size === 1 ? zero.shape[i]! : size));
  const fit = (each: Operand) =>
    each.shape.every((size, i) => size === shape[i])
      ? each
      : builder.expand(each, shape, { label });
  return builder.dequantizeLinear(x, fit(scale), fit(zero), { label });
}

/** Encodes a result; the trio is a tensor of its type and where its scale and zero point are. */
function encoded(node: NodeContext, x: Operand, [tensor, scale, zeroPoint]: Trio): Value {
  const y = spread(node, scale, x.shape.length, undefined);
  return encodedWith(node, x, y, [tensor, zeroPoint]);
}

/** Without a zero point it is 0, and the result has the type of `tensor`. */
function encodedWith(
  node: NodeContext,
  x: Operand,
  scale: Operand,
  [tensor, zeroPoint]: readonly [number, number],
): Value {
  const { builder, label, writer } = node;
  const type = node.type(node.has(zeroPoint) ? zeroPoint : tensor);
  const zero = node.has(zeroPoint)
    ? spread(node, zeroPoint, x.shape.length, undefined)
    : writer.filled(stored(type), 0, scale.shape);
  return node.result(builder.quantizeLinear(x, scale, zero, { label }), type);
}

/**
 * A product as onnxruntime computes it: the integers are summed, and scaled once by scale a × scale b / scale y. With
 * scales of 1 the decoded tensors are those integers, and their float sum is exact up to 2²⁴.
 */
function requantised(
  node: NodeContext,
  sum: Operand,
  multiplier: Operand,
  zeroPoint: number,
): Value {
  const { builder, label, writer } = node;
  const scaled = builder.mul(sum, multiplier, { label });
  const ones = scaled.shape.map(() => 1);
  return encodedWith(node, scaled, writer.filled("float32", 1, ones), [0, zeroPoint]);
}

/** scale a × scale b / scale y, spread along an axis of a result of the rank. */
function multiplierOf(
  node: NodeContext,
  [a, b, y]: readonly [number, number, number],
  rank: number,
  [aAxis, bAxis]: readonly [number | undefined, number | undefined],
): Operand {
  const { builder, label } = node;
  const both = builder.mul(spread(node, a, rank, aAxis), spread(node, b, rank, bAxis), { label });
  return builder.div(both, spread(node, y, rank, undefined), { label });
}

/** x, w, y each with scale and zero point, then an int32 bias whose scale is that of the product. */
function qlinearConv(node: NodeContext): Value {
  const { builder, label, writer } = node;
  const rank = node.rank(0);
  const ones = Array.from({ length: rank }, () => 1);
  const unit = writer.filled("float32", 1, ones);
  const x = decodedWith(node, [0, 2], unit);
  const w = decodedWith(node, [3, 5], unit, 0);
  const bias = node.has(8) ? builder.cast(node.operand(8), "float32", { label }) : undefined;
  const sum = convolution(node, x, w, bias, label);
  return requantised(node, sum, multiplierOf(node, [1, 4, 6], rank, [undefined, 1]), 7);
}

function qlinearMatMul(node: NodeContext): Value {
  const { label, writer } = node;
  const [aRank, bRank] = [node.rank(0), node.rank(3)];
  const unit = (rank: number) => writer.filled("float32", 1, new Array<number>(rank).fill(1));
  const a = decodedWith(node, [0, 2], unit(aRank), Math.max(aRank - 2, 0));
  const b = decodedWith(node, [3, 5], unit(bRank), bRank - 1);
  const sum = multiplyMatrices(node, a, b, label);
  const rank = sum.shape.length;
  return requantised(node, sum, multiplierOf(node, [1, 4, 6], rank, [rank - 2, rank - 1]), 7);
}

/** gemm of 8-bit matrices with an int32 bias; without a scale of y the result stays float. */
function qgemm(node: NodeContext): Value {
  const { builder, label, writer } = node;
  const unit = writer.filled("float32", 1, [1, 1]);
  const bTranspose = node.int("transB", 0) !== 0;
  const product = builder.gemm(
    decodedWith(node, [0, 2], unit),
    decodedWith(node, [3, 5], unit, bTranspose ? 0 : 1),
    {
      aTranspose: node.int("transA", 0) !== 0,
      bTranspose,
      label,
      ...(node.has(6) && { c: builder.cast(node.operand(6), "float32", { label }) }),
    },
  );
  const alpha = writer.filled("float32", node.float("alpha", 1), [1, 1]);
  const scales = builder.mul(spread(node, 1, 2, undefined), spread(node, 4, 2, 1), { label });
  const multiplier = builder.mul(alpha, scales, { label });
  if (!node.has(7)) return node.result(builder.mul(product, multiplier, { label }), "float32");
  const last = builder.div(multiplier, spread(node, 7, 2, undefined), { label });
  return requantised(node, product, last, 8);
}

/** As onnxruntime rounds it: each part by its scale over that of the result. */
function add(node: NodeContext): Value {
  const { builder, label } = node;
  node.broadcast(node.shape(0), node.shape(3));
  const part = ([tensor, scale, zeroPoint]: Trio): Operand => {
    const rank = node.rank(tensor);
    const [own, whole] = [scale, 6].map((input) => spread(node, input, rank, undefined));
    return decodedWith(node, [tensor, zeroPoint], builder.div(own!, whole!, { label }));
  };
  const sum = builder.add(part([0, 1, 2]), part([3, 4, 5]), { label });
  const unit = node.writer.filled("float32", 1, new Array<number>(sum.shape.length).fill(1));
  return encodedWith(node, sum, unit, [0, 7]);
}

function multiply(node: NodeContext): Value {
  const { builder, label, writer } = node;
  node.broadcast(node.shape(0), node.shape(3));
  const integers = (tensor: number, zeroPoint: number) => {
    const ones = new Array<number>(node.rank(tensor)).fill(1);
    return decodedWith(node, [tensor, zeroPoint], writer.filled("float32", 1, ones));
  };
  const product = builder.mul(integers(0, 2), integers(3, 5), { label });
  const none = [undefined, undefined] as const;
  return requantised(node, product, multiplierOf(node, [1, 4, 6], product.shape.length, none), 7);
}

function ofOne(node: NodeContext, compute: (x: Operand) => Operand): Value {
  return encoded(node, compute(decoded(node, [0, 1, 2])), [0, 3, 4]);
}

function leakyRelu(node: NodeContext): Value {
  const options = { alpha: node.float("alpha", 0.01), label: node.label };
  return ofOne(node, (x) => node.builder.leakyRelu(x, options));
}

/** Before opset 13 (an attribute here) of all dimensions from the axis on, together. */
function softmax(node: NodeContext): Value {
  const { builder, label } = node;
  const rank = node.rank(0);
  const axis = axisOf(node, node.int("axis", -1), rank);
  if (node.int("opset", 13) >= 13) return ofOne(node, (x) => builder.softmax(x, axis, { label }));
  return ofOne(node, (x) => {
    const { shape } = x;
    const flat = [...shape.slice(0, axis), multiplySizes(...shape.slice(axis))];
    const one = builder.softmax(builder.reshape(x, flat, { label }), axis, { label });
    return builder.reshape(one, shape, { label });
  });
}

function averagePool(node: NodeContext): Value {
  if (node.int("channels_last", 0) !== 0) node.fail("channels_last = 1");
  return ofOne(node, (x) => averages(node, x));
}

function globalAveragePool(node: NodeContext): Value {
  const rank = node.rank(0);
  const first = node.int("channels_last", 0) !== 0 ? 1 : 2;
  const axes = Array.from({ length: rank - 2 }, (_, i) => first + i);
  const options = { axes, keepDimensions: true, label: node.label };
  return ofOne(node, (x) => node.builder.reduceMean(x, options));
}

/** Scale and zero point of the result, then tensor, scale and zero point of each part. */
function concat(node: NodeContext): Value {
  const { builder, label } = node;
  const count = (node.inputCount - 2) / 3;
  if (count < 1 || !Number.isInteger(count)) {
    node.fail(`it has ${node.inputCount} inputs, expected 2 and 3 for each part`);
  }
  const parts = Array.from({ length: count }, (_, i) =>
    decoded(node, [2 + 3 * i, 3 + 3 * i, 4 + 3 * i]),
  );
  const axis = axisOf(node, node.int("axis", 0), node.rank(2));
  const joined = parts.length === 1 ? parts[0]! : builder.concat(parts, axis, { label });
  return encoded(node, joined, [2, 0, 1]);
}

function where(node: NodeContext): Value {
  node.broadcast(node.shape(0), node.shape(1), node.shape(4));
  const [x, y] = [decoded(node, [1, 2, 3]), decoded(node, [4, 5, 6])];
  const chosen = node.builder.where(node.operand(0), x, y, { label: node.label });
  return encoded(node, chosen, [1, 7, 8]);
}

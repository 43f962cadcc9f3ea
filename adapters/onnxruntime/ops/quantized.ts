/** Ops of quantised models. See `convert/integer-product.ts` for how products become WebNN's. */
import { sizesEqual, type Size } from "../core.ts";
import { exactTerms, scaledProduct } from "../convert/integer-product.ts";
import { stored } from "../convert/graph-writer.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Quantized, Value } from "../convert/value.ts";
import type { HostArray } from "../host/array.ts";
import { elementTypeOf, type ElementType } from "../model/element-type.ts";
import type { Operand } from "../webnn.ts";
import { convolution } from "./convolution.ts";
import { multiplyMatrices } from "./matmul.ts";
import { op, type HostLibrary, type HostNode, type OpRow } from "./row.ts";

/** Of both domains. */
export const encoding = { convert: quantize, compute: quantizeOnHost } as const;
export const decoding = { convert: dequantize, compute: dequantizeOnHost } as const;

export const quantizedRows: readonly OpRow[] = [
  op("DynamicQuantizeLinear", { since: 11, convert: dynamicQuantize }),
  op("QuantizeLinear", { since: 10, ...encoding }),
  op("DequantizeLinear", { since: 10, ...decoding }),
  op("MatMulInteger", { since: 10, convert: matMulInteger }),
  op("ConvInteger", { since: 10, convert: convInteger }),
];

function dynamicQuantize(node: NodeContext): readonly Value[] {
  const { builder, label } = node;
  const { codes, scale, zeroPoint } = encodedDynamically(node, node.operand(0));
  return [
    { kind: "operand", type: "uint8", operand: codes },
    { kind: "operand", type: "float32", operand: builder.reshape(scale, [], { label }) },
    { kind: "operand", type: "uint8", operand: builder.reshape(zeroPoint, [], { label }) },
  ];
}

/**
 * scale = (max(x, 0) − min(x, 0)) / 255, zero point = round(clamp(−min / scale, 0, 255)).
 * An x of zeros alone has scale 1, as in onnxruntime. Scale and zero point have the rank of x.
 */
export function encodedDynamically({ builder, label, writer }: NodeContext, x: Operand) {
  const number = (value: number) => writer.filled("float32", value, []);
  const whole = { axes: x.shape.map((_, axis) => axis), keepDimensions: true, label };
  const lowest = builder.min(builder.reduceMin(x, whole), number(0), { label });
  const highest = builder.max(builder.reduceMax(x, whole), number(0), { label });
  const step = builder.div(builder.sub(highest, lowest, { label }), number(255), { label });
  const isZero = builder.equal(step, number(0), { label });
  const scale = builder.where(isZero, number(1), step, { label });
  const offset = builder.div(builder.neg(lowest, { label }), scale, { label });
  const limited = builder.clamp(offset, { minValue: 0, maxValue: 255, label });
  const zeroPoint = builder.cast(builder.roundEven(limited, { label }), "uint8", { label });
  return { codes: builder.quantizeLinear(x, scale, zeroPoint, { label }), scale, zeroPoint };
}

/** The type of the codes where no zero point says it. */
function codeType(node: HostNode): ElementType {
  const code = node.int("output_dtype", 0);
  return (code === 0 ? undefined : elementTypeOf(code)) ?? "uint8";
}

function quantize(node: NodeContext): Value {
  const x = node.operand(0);
  const type = node.has(2) ? node.type(2) : codeType(node);
  const { scale, zero } = parameters(node, () => stored(type));
  return node.result(node.builder.quantizeLinear(x, scale, zero, { label: node.label }), type);
}

function dequantize(node: NodeContext): Value {
  const { builder, label } = node;
  const x = node.operand(0);
  const { scale, zero } = parameters(node, () => x.dataType);
  return node.result(builder.dequantizeLinear(x, scale, zero, { label }), node.type(1));
}

function quantizeOnHost(
  node: HostNode,
  [x, scale, zeroPoint]: readonly (HostArray | undefined)[],
  { encodingOf, quantizeArray }: HostLibrary,
): readonly HostArray[] {
  const encoding = encodingOf(node, axisOfScales(node, x!, scale!), x!, scale!, zeroPoint);
  const type = zeroPoint?.type ?? codeType(node);
  return [quantizeArray(x!, encoding, type, node.int("saturate", 1) !== 0)];
}

function dequantizeOnHost(
  node: HostNode,
  [x, scale, zeroPoint]: readonly (HostArray | undefined)[],
  { dequantizeArray, encodingOf }: HostLibrary,
): readonly HostArray[] {
  return [
    dequantizeArray(x!, encodingOf(node, axisOfScales(node, x!, scale!), x!, scale!, zeroPoint)),
  ];
}

function axisOfScales(node: HostNode, { shape }: HostArray, scale: HostArray): number {
  return normaliseAxis(node, node.int("axis", 1), shape.length, scale.data.length);
}

/** Scale and zero point with the rank of the input: one value, one per index of an axis, or one per block. */
function parameters(
  node: NodeContext,
  zeroType: () => Operand["dataType"],
): { readonly scale: Operand; readonly zero: Operand } {
  const shape = node.shape(0);
  const given = node.shape(1);
  const rank = shape.length;
  let target: readonly Size[] = given;
  if (given.length < rank || rank === 0) {
    const length = given.length === 0 ? 1 : given[0]!;
    const axis = normaliseAxis(node, node.int("axis", 1), rank, length);
    target = shape.map((_, i) => (i === axis ? length : 1));
  }
  const scale = node.writer.reshaped(node.value(1), target, node.label);
  const zero = node.has(2)
    ? node.writer.reshaped(node.value(2), target, node.label)
    : node.writer.filled(zeroType(), 0, target);
  return { scale, zero };
}

/** The axis that several scales run along; any axis will do for a single one. */
function normaliseAxis(node: HostNode, axis: number, rank: number, length: Size): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (length !== 1 && !(normal >= 0 && normal < rank)) {
    node.fail(`axis ${axis} is out of range for rank ${rank}`);
  }
  return normal;
}

function matMulInteger(node: NodeContext): Value {
  const [aRank, bRank] = [node.rank(0), node.rank(1)];
  const bAxis = Math.max(bRank - 2, 0);
  const count = node.decisions.number(node.shape(1)[bAxis] ?? 1);
  return {
    kind: "product",
    type: "int32",
    product: {
      // One zero point per row of a, or per column of b, or one for all.
      a: quantizedInput(node, 0, 2, Math.max(aRank - 2, 0)),
      b: quantizedInput(node, 1, 3, bRank - 1),
      multiply: (x, y, label) => multiplyMatrices(node, x, y, label),
      summed: { aAxis: aRank - 1, bAxis, count, each: 1 },
      bColumnAxis: bRank < 2 ? undefined : bRank - 1,
      label: node.label,
    },
  };
}

/** An input with its zero points, which run along `axis` unless there is one for all. */
function quantizedInput(
  node: NodeContext,
  input: number,
  zeroInput: number,
  axis: number,
): Quantized {
  const value = node.value(input);
  if (!node.has(zeroInput)) return { value, zeroPoint: undefined };
  const given = node.shape(zeroInput);
  const length = given[0] ?? 1;
  const shape =
    given.length > 1 ? given : Array.from(node.shape(input), (_, i) => (i === axis ? length : 1));
  return { value, zeroPoint: node.writer.reshaped(node.value(zeroInput), shape, node.label) };
}

function convInteger(node: NodeContext): Value {
  const filter = node.shape(1).map((size) => node.decisions.number(size));
  const [, channels, ...kernel] = filter;
  const each = kernel.reduce((x, y) => x * y, 1);
  if (node.int("group", 1) !== 1 && channels! * each > exactTerms) {
    node.fail(`groups of ${channels} channels with a kernel of ${each}`);
  }
  return {
    kind: "product",
    type: "int32",
    product: {
      // One zero point for the input; one, or one per output channel, for the filter.
      a: quantizedInput(node, 0, 2, 1),
      b: quantizedInput(node, 1, 3, 0),
      multiply: (x, y, label) => convolution(node, x, y, undefined, label),
      summed: { aAxis: 1, bAxis: 1, count: channels!, each },
      bColumnAxis: undefined,
      label: node.label,
    },
  };
}

/**
 * Mul with the part it has in quantised models: scale of a · scale of b, remembered as factors; and
 * integer product · scales, which is the product of the decoded tensors. Undefined for any other Mul.
 */
export function scaleProduct(node: NodeContext): Value | undefined {
  const [x, y] = [node.value(0), node.value(1)];
  if (x.kind === "product" || y.kind === "product") {
    const [product, scales] = x.kind === "product" ? [x, y] : [y, x];
    if (product.kind !== "product" || product.type !== "float32") return undefined;
    return decodeProduct(node, product, scales);
  }
  const isScale = (value: Value) =>
    node.writer.shape(value).length <= 1 && (value.kind === "constant" || value.kind === "operand");
  if (node.type(0) !== "float32" || !isScale(x) || !isScale(y)) return undefined;
  node.broadcast(node.shape(0), node.shape(1));
  const operand = node.builder.mul(node.operand(0), node.operand(1), { label: node.label });
  return { kind: "operand", type: "float32", operand, factors: [x, y] };
}

function decodeProduct(
  node: NodeContext,
  { product }: Extract<Value, { kind: "product" }>,
  scales: Value,
): Value | undefined {
  const [scaleA, scaleB] = splitScales(scales);
  const isSingle = (value: Value | undefined) =>
    value === undefined || node.writer.shape(value).every((size) => size === 1);
  const aRank = node.writer.shape(product.a.value).length;
  const bShape = node.writer.shape(product.b.value);
  const columns = product.bColumnAxis === undefined ? 1 : bShape[product.bColumnAxis]!;
  const perColumn = (value: Value | undefined) => {
    const shape = value === undefined ? [] : node.writer.shape(value);
    return shape.length === 1 && sizesEqual(shape[0]!, columns);
  };
  if (!isSingle(scaleA) || !(isSingle(scaleB) || perColumn(scaleB))) return undefined;
  const scaleOf = (value: Value | undefined, rank: number) => {
    if (value === undefined) return node.writer.filled("float32", 1, new Array(rank).fill(1));
    const size = isSingle(value) ? 1 : columns;
    const shape: readonly Size[] = [...new Array<Size>(rank - 1).fill(1), size];
    return node.writer.reshaped(value, shape, node.label);
  };
  node.writer.fuse({ what: "quantised product", into: node.label, parts: [product.label] });
  const operand = scaledProduct(
    node.writer,
    product,
    scaleOf(scaleA, aRank),
    scaleOf(scaleB, bShape.length),
  );
  return { kind: "operand", type: "float32", operand };
}

/** Which scale belongs to a and which to b; the weights, b, take the one that is constant. */
function splitScales(scales: Value): readonly [Value | undefined, Value | undefined] {
  const factors = scales.kind === "operand" ? scales.factors : undefined;
  const isConstant = ({ kind }: Value) => kind === "constant" || kind === "host";
  if (factors === undefined) return isConstant(scales) ? [undefined, scales] : [scales, undefined];
  return isConstant(factors[0]) ? [factors[1], factors[0]] : factors;
}

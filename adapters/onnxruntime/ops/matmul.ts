/** Matrix products: WebNN's of floats, and sums of products of integers. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape, type Size } from "../core.ts";
import type { HostArray } from "../host/array.ts";
import { contractArrays } from "../host/array-contract.ts";
import { expandArray } from "../host/array-moves.ts";
import { roundArray } from "../host/array-round.ts";
import type { Elements } from "../host/walk.ts";
import { stored } from "../convert/graph-writer.ts";
import { isFloatType } from "../model/element-type.ts";
import type { Operand } from "../webnn.ts";
import { op, type HostNode, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const matmulRows: readonly OpRow[] = [
  op("MatMul", { empties: true, convert: matMul, compute: matMulOnHost }),
  op("Gemm", { empties: true, convert: gemm, compute: gemmOnHost }),
];

function matMul(node: NodeContext): Value {
  const type = node.type(0);
  const shape = productShape(node);
  if (isEmptyShape(shape)) return { kind: "empty", type, shape };
  if (isEmptyShape(node.shape(0))) return node.result(node.writer.filled(stored(type), 0, shape));
  return node.result(multiplyMatrices(node, node.operand(0), node.operand(1), node.label));
}

/** numpy's: a vector on the left is a row, on the right a column, and is gone from the result. */
function productShape(node: SizedNode): readonly Size[] {
  const [a, b] = [node.shape(0), node.shape(1)];
  if (a.length === 0 || b.length === 0) {
    node.fail(`the shapes ${formatShape(a)} and ${formatShape(b)}, expected no scalar`);
  }
  const [k, sameK] = [a.at(-1)!, b[Math.max(b.length - 2, 0)]!];
  if (!node.decisions.equal(k, sameK)) {
    node.fail(`the shapes ${formatShape(a)} and ${formatShape(b)} have no common size to sum over`);
  }
  const batch = node.broadcast(a.slice(0, -2), b.slice(0, -2));
  return [...batch, ...a.slice(0, -1).slice(-1), ...(b.length === 1 ? [] : b.slice(-1))];
}

/** numpy's matmul: a vector on the left is a row, on the right a column, and is gone from the result. */
export function multiplyMatrices(
  node: NodeContext,
  a: Operand,
  b: Operand,
  label: string,
): Operand {
  const { builder } = node;
  const [isRow, isColumn] = [a.shape.length === 1, b.shape.length === 1];
  const left = isRow ? builder.reshape(a, [1, a.shape[0]!], { label }) : a;
  const right = isColumn ? builder.reshape(b, [b.shape[0]!, 1], { label }) : b;
  node.broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const product = isFloatType(left.dataType)
    ? builder.matmul(left, right, { label })
    : multiplyIntegers(node, left, right, label);
  if (!isRow && !isColumn) return product;
  const rank = product.shape.length;
  const kept = product.shape.filter(
    (_, axis) => !(isRow && axis === rank - 2) && !(isColumn && axis === rank - 1),
  );
  return builder.reshape(product, kept, { label });
}

/** WebNN multiplies no matrices of integers: all products, [… m, k, n], summed over k. */
function multiplyIntegers(
  { builder }: NodeContext,
  a: Operand,
  b: Operand,
  label: string,
): Operand {
  const left = builder.reshape(a, [...a.shape, 1], { label });
  const [k, n] = b.shape.slice(-2);
  const right = builder.reshape(b, [...b.shape.slice(0, -2), 1, k!, n!], { label });
  const products = builder.mul(left, right, { label });
  const axes = [products.shape.length - 2];
  return builder.reduceSum(products, { axes, keepDimensions: false, label });
}

function matMulOnHost(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const shape = productShape(sizedNode(node, inputs)) as readonly number[];
  const [a, b] = [inputs[0]!, inputs[1]!];
  const left = { array: a, labels: matrixLabels(a, ["m", "k"]) };
  const right = { array: b, labels: matrixLabels(b, ["k", "n"]) };
  const rank = Math.max(a.shape.length, b.shape.length);
  const kept = [
    ...batchLabels(rank - 2),
    ...(a.shape.length === 1 ? [] : ["m"]),
    ...(b.shape.length === 1 ? [] : ["n"]),
  ];
  return [{ ...contractArrays(left, right, kept).array, shape }];
}

/** Dimensions in front by their distance from the last, so that they broadcast. */
function batchLabels(count: number): readonly string[] {
  return Array.from({ length: Math.max(count, 0) }, (_, i) => `batch ${count - i}`);
}

function matrixLabels({ shape }: HostArray, last: readonly string[]): readonly string[] {
  return shape.length === 1 ? ["k"] : [...batchLabels(shape.length - 2), ...last];
}

interface GemmForm {
  readonly alpha: number;
  readonly beta: number;
  readonly aTranspose: boolean;
  readonly bTranspose: boolean;
}

/** The attribute `broadcast` of the first opsets only allows what later ones do by themselves. */
function gemmForm(node: SizedNode): GemmForm & { readonly shape: readonly Size[] } {
  const [aTranspose, bTranspose] = [node.int("transA", 0) !== 0, node.int("transB", 0) !== 0];
  const [a, b] = [node.shape(0), node.shape(1)];
  if (a.length !== 2 || b.length !== 2) {
    node.fail(`the shapes ${formatShape(a)} and ${formatShape(b)}, expected two matrices`);
  }
  const [m, k] = aTranspose ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [sameK, n] = bTranspose ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (!node.decisions.equal(k, sameK)) {
    node.fail(`the shapes ${formatShape(a)} and ${formatShape(b)} have no common size to sum over`);
  }
  if (node.has(2)) {
    const all = node.broadcast([m, n], node.shape(2));
    const isWider =
      all.length > 2 || all.some((size, d) => !node.decisions.equal(size, [m, n][d]!));
    if (isWider)
      node.fail(`${formatShape(node.shape(2))} does not broadcast to ${formatShape([m, n])}`);
  }
  const [alpha, beta] = [node.float("alpha", 1), node.float("beta", 1)];
  return { alpha, beta, aTranspose, bTranspose, shape: [m, n] };
}

export function gemm(node: NodeContext): Value {
  const { shape, ...form } = gemmForm(node);
  const type = node.type(0);
  if (isEmptyShape(shape)) return { kind: "empty", type, shape };
  const hasC = node.has(2);
  if (isEmptyShape(node.shape(0))) {
    const nothing = node.writer.filled(stored(type), 0, shape);
    return node.result(hasC ? plusScaled(node, nothing, form.beta) : nothing);
  }
  const { builder, label } = node;
  const [a, b] = [node.operand(0), node.operand(1)];
  if (isFloatType(type)) {
    const c = hasC ? { c: node.operand(2) } : {};
    return node.result(builder.gemm(a, b, { ...form, ...c, label }));
  }
  const turned = (x: Operand, isTurned: boolean) =>
    isTurned ? builder.transpose(x, { permutation: [1, 0], label }) : x;
  const [left, right] = [turned(a, form.aTranspose), turned(b, form.bTranspose)];
  const product = scaled(node, multiplyIntegers(node, left, right, label), form.alpha);
  return node.result(hasC ? plusScaled(node, product, form.beta) : product);
}

/** x plus C, which broadcasts, times `beta`. */
function plusScaled(node: NodeContext, x: Operand, beta: number): Operand {
  return node.builder.add(x, scaled(node, node.operand(2), beta), { label: node.label });
}

function scaled({ builder, writer, label }: NodeContext, x: Operand, factor: number): Operand {
  if (factor === 1) return x;
  // A factor of integers is cut to one, as onnxruntime does.
  const element = isFloatType(x.dataType) ? factor : Math.trunc(factor);
  return builder.mul(x, writer.filled(x.dataType, element, []), { label });
}

function gemmOnHost(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const { alpha, beta, aTranspose, bTranspose, shape } = gemmForm(sizedNode(node, inputs));
  const [a, b, c] = inputs;
  const product = contractArrays(
    { array: a!, labels: aTranspose ? ["k", "m"] : ["m", "k"] },
    { array: b!, labels: bTranspose ? ["n", "k"] : ["k", "n"] },
    ["m", "n"],
  ).array;
  const to: Elements = product.data;
  const added: Elements | undefined = c && expandArray(c, shape as readonly number[]).data;
  // Elements are numbers: WebNN has the types whose elements are bigint.
  for (let i = 0; i < to.length; i++) {
    to[i] = alpha * (to[i] as number) + (added === undefined ? 0 : beta * (added[i] as number));
  }
  return [roundArray(product)];
}

/** Matrix products: WebNN's of floats, and sums of products of integers. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape, type Size } from "../core.ts";
import type { HostArray } from "../host/array.ts";
import { stored } from "../convert/graph-writer.ts";
import { isFloatType } from "../model/element-type.ts";
import type { Operand } from "../webnn.ts";
import { op, type HostNode, type OpRow, type HostLibrary } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const matmulRows: readonly OpRow[] = [
  op("MatMul", { empties: true, convert: matMul, compute: matMulOnHost }),
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
export function multiplyIntegers(
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
  { contractArrays }: HostLibrary,
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

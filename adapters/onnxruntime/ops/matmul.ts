/** Matrix products of floats. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { Operand } from "../webnn.ts";
import { op, type OpRow } from "./row.ts";

export const matmulRows: readonly OpRow[] = [
  op("MatMul", {
    convert: (node) =>
      node.result(multiplyMatrices(node, node.operand(0), node.operand(1), node.label)),
  }),
  op("Gemm", { since: 7, convert: gemm }),
];

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
  const product = builder.matmul(left, right, { label });
  if (!isRow && !isColumn) return product;
  const rank = product.shape.length;
  const kept = product.shape.filter(
    (_, axis) => !(isRow && axis === rank - 2) && !(isColumn && axis === rank - 1),
  );
  return builder.reshape(product, kept, { label });
}

function gemm(node: NodeContext): Value {
  const options = {
    alpha: node.float("alpha", 1),
    beta: node.float("beta", 1),
    aTranspose: node.int("transA", 0) !== 0,
    bTranspose: node.int("transB", 0) !== 0,
    label: node.label,
    ...(node.has(2) ? { c: node.operand(2) } : {}),
  };
  return node.result(node.builder.gemm(node.operand(0), node.operand(1), options));
}

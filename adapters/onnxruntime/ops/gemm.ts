/** Gemm: a matrix product with factors, transposed operands and a third matrix added. */
import { isEmptyShape } from "../convert/broadcast.ts";
import { stored } from "../convert/graph-writer.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape, type Size } from "../core.ts";
import type { HostArray } from "../host/array.ts";
import type { Elements } from "../host/walk.ts";
import { isFloatType } from "../model/element-type.ts";
import type { Operand } from "../webnn.ts";
import { multiplyIntegers } from "./matmul.ts";
import { op, type HostLibrary, type HostNode, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const gemmRows: readonly OpRow[] = [
  op("Gemm", { empties: true, convert: gemm, compute: gemmOnHost }),
];

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
  { contractArrays, expandArray, roundArray }: HostLibrary,
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

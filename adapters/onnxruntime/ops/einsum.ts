/**
 * Einsum: diagonals, sums of what one operand alone has, then the operands two by two as batched matrix
 * products, and the order of the result's dimensions at last.
 */
import { isEmptyShape } from "../convert/broadcast.ts";
import { fixedSize } from "../convert/decisions.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { multiplySizes, type Size } from "../core.ts";
import { contractArrays } from "../host/array-contract.ts";
import { stored } from "../convert/graph-writer.ts";
import type { Operand } from "../webnn.ts";
import { readEquation } from "./einsum-equation.ts";
import { op, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const einsumRows: readonly OpRow[] = [
  op("Einsum", {
    since: 12,
    empties: true,
    convert: einsum,
    compute(node, inputs) {
      const { terms, result } = readEquation(
        node,
        inputs.map((input) => input!.shape.length),
      );
      sizesOf(sizedNode(node, inputs), terms);
      const arrays = inputs.map((input, i) => ({ array: input!, labels: terms[i]! }));
      return [fold(arrays, result, contractArrays).array];
    },
  }),
];

/** An operand with a label for each of its dimensions. */
interface Term {
  readonly operand: Operand;
  readonly labels: readonly string[];
}

function einsum(node: NodeContext): Value {
  const { builder, label } = node;
  const ranks = node.node.inputs.map((_, i) => node.rank(i));
  const { terms, result } = readEquation(node, ranks);
  const sizes = sizesOf(node, terms);
  const shape = result.map((name) => sizes.get(name)!);
  const type = node.type(0);
  if (isEmptyShape(shape)) return { kind: "empty", type, shape };
  // Sums of nothing are 0.
  const isEmpty = ranks.some((_, i) => isEmptyShape(node.shape(i)));
  if (isEmpty) return node.result(node.writer.filled(storedAs(node), 0, shape));

  const isNarrow = type === "int8" || type === "uint8";
  const given = terms.map((labels, i): Term => {
    const x = node.operand(i);
    return { operand: isNarrow ? builder.cast(x, "int32", { label }) : x, labels };
  });
  const sum = fold(given, result, (a, b, kept) => contract(node, a, b, kept));
  const ordered = arrange(node, sum, result).operand;
  return node.result(isNarrow ? builder.cast(ordered, type, { label }) : ordered);
}

/** The type of the operands, without asking for the empty one. */
function storedAs(node: NodeContext): Operand["dataType"] {
  const filled = node.node.inputs.findIndex((_, i) => !isEmptyShape(node.shape(i)));
  return filled < 0 ? stored(node.type(0)) : node.operand(filled).dataType;
}

/** Sizes by label; of several that broadcast the one that is not 1. */
function sizesOf(
  node: SizedNode,
  terms: readonly (readonly string[])[],
): ReadonlyMap<string, Size> {
  const sizes = new Map<string, Size>();
  terms.forEach((labels, i) => {
    labels.forEach((name, d) => {
      const size = node.shape(i)[d]!;
      sizes.set(name, node.broadcast([sizes.get(name) ?? 1], [size])[0]!);
    });
  });
  return sizes;
}

/** Joins operands from the left; each step keeps the labels that a later operand or the result has. */
function fold<T extends { readonly labels: readonly string[] }>(
  terms: readonly T[],
  result: readonly string[],
  join: (a: T, b: T | undefined, kept: readonly string[]) => T,
): T {
  const [first, ...others] = terms;
  if (others.length === 0) return join(first!, undefined, result);
  return others.reduce((sum, term, i) => {
    const later = new Set([...result, ...others.slice(i + 1).flatMap(({ labels }) => labels)]);
    const isLast = i === others.length - 1;
    const both = [...new Set([...sum.labels, ...term.labels])];
    return join(sum, term, isLast ? result : both.filter((name) => later.has(name)));
  }, first!);
}

/** The sum over all labels but `kept` of the product; its dimensions come in any order. */
function contract(node: NodeContext, a: Term, b: Term | undefined, kept: readonly string[]): Term {
  if (b === undefined) return alone(node, a, kept);
  const [x, y] = squeezeAgainst(
    node,
    alone(node, a, [...kept, ...b.labels]),
    alone(node, b, [...kept, ...a.labels]),
  );
  const shared = x.labels.filter((name) => y.labels.includes(name));
  const plan: Plan = {
    batch: shared.filter((name) => kept.includes(name)),
    summed: shared.filter((name) => !kept.includes(name)),
    rows: x.labels.filter((name) => !shared.includes(name)),
    columns: y.labels.filter((name) => !shared.includes(name)),
  };
  const asMatrices = plan.summed.length > 0 && node.type(0).startsWith("float");
  return asMatrices ? matrixProduct(node, x, y, plan) : broadcastProduct(node, x, y, plan);
}

/** Which labels both operands have and keep, both have and sum over, and one alone has. */
interface Plan {
  readonly batch: readonly string[];
  readonly summed: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

/** The diagonals of labels that come twice, summed over what nobody else needs. */
function alone(node: NodeContext, term: Term, needed: readonly string[]): Term {
  let { operand, labels } = term;
  const { builder, label } = node;
  for (let twice = repeatedLabel(labels); twice !== undefined; twice = repeatedLabel(labels)) {
    ({ operand, labels } = diagonal(node, { operand, labels }, twice));
  }
  const axes = labels.flatMap((name, axis) => (needed.includes(name) ? [] : [axis]));
  if (axes.length === 0) return { operand, labels };
  return {
    operand: builder.reduceSum(operand, { axes, keepDimensions: false, label }),
    labels: labels.filter((name) => needed.includes(name)),
  };
}

function repeatedLabel(labels: readonly string[]): string | undefined {
  return labels.find((name, axis) => labels.indexOf(name) !== axis);
}

/** Of the square of two dimensions n · n every (n + 1)th element. */
function diagonal(node: NodeContext, term: Term, name: string): Term {
  const { builder, label } = node;
  const others = term.labels.flatMap((other, axis) => (other === name ? [] : [axis]));
  const [first, second, ...more] = term.labels.flatMap((other, axis) =>
    other === name ? [axis] : [],
  );
  const permutation = [...more, ...others, first!, second!];
  const square = builder.transpose(term.operand, { permutation, label });
  const [n, m] = square.shape.slice(-2).map((size) => fixedSize(size));
  if (n !== m) node.fail(`the diagonal '${name}${name}' of ${n} by ${m}`);
  const outer = square.shape.slice(0, -2);
  const rows = builder.reshape(square, [...outer, n! * n!], { label });
  const strides = [...outer.map(() => 1), n! + 1];
  const operand = builder.slice(
    rows,
    strides.map(() => 0),
    rows.shape,
    { strides, label },
  );
  return { operand, labels: permutation.slice(0, -1).map((axis) => term.labels[axis]!) };
}

/** A dimension of 1 that stands against a larger one is none: it broadcasts. */
function squeezeAgainst(node: NodeContext, x: Term, y: Term): readonly [Term, Term] {
  const squeeze = (a: Term, b: Term): Term => {
    const isBroadcast = (name: string, axis: number) => {
      const other = b.labels.indexOf(name);
      return a.operand.shape[axis] === 1 && other >= 0 && b.operand.shape[other] !== 1;
    };
    const kept = a.labels.filter((name, axis) => !isBroadcast(name, axis));
    if (kept.length === a.labels.length) return a;
    const shape = a.operand.shape.filter((_, axis) => !isBroadcast(a.labels[axis]!, axis));
    return { operand: node.builder.reshape(a.operand, shape, { label: node.label }), labels: kept };
  };
  return [squeeze(x, y), squeeze(y, x)];
}

/** The term with its dimensions in this order. */
function arrange(node: NodeContext, term: Term, order: readonly string[]): Term {
  const permutation = order.map((name) => term.labels.indexOf(name));
  if (permutation.every((axis, i) => axis === i)) return term;
  const operand = node.builder.transpose(term.operand, { permutation, label: node.label });
  return { operand, labels: order };
}

/** Batches of matrices; the dimensions of rows, columns and sums each become one. */
function matrixProduct(node: NodeContext, x: Term, y: Term, plan: Plan): Term {
  const { builder, label } = node;
  const { batch, summed, rows, columns } = plan;
  const matrices = (term: Term, second: readonly string[], last: readonly string[]) => {
    const { operand } = arrange(node, term, [...batch, ...second, ...last]);
    if (second.length === 1 && last.length === 1) return operand;
    const at = batch.length + second.length;
    const shape = [
      ...operand.shape.slice(0, batch.length),
      multiplySizes(...operand.shape.slice(batch.length, at)),
      multiplySizes(...operand.shape.slice(at)),
    ];
    return builder.reshape(operand, shape, { label });
  };
  const product = builder.matmul(matrices(x, rows, summed), matrices(y, summed, columns), {
    label,
  });
  const labels = [...batch, ...rows, ...columns];
  if (rows.length === 1 && columns.length === 1) return { operand: product, labels };
  const sizeIn = (term: Term) => (name: string) => term.operand.shape[term.labels.indexOf(name)]!;
  const shape = [
    ...product.shape.slice(0, batch.length),
    ...rows.map(sizeIn(x)),
    ...columns.map(sizeIn(y)),
  ];
  return { operand: builder.reshape(product, shape, { label }), labels };
}

/** All products, then the sum: for integers, and where nothing is summed. */
function broadcastProduct(node: NodeContext, x: Term, y: Term, plan: Plan): Term {
  const { builder, label } = node;
  const { batch, summed, rows, columns } = plan;
  const labels = [...batch, ...rows, ...columns];
  const all = [...labels, ...summed];
  const widen = (term: Term) => {
    const { operand } = arrange(
      node,
      term,
      all.filter((name) => term.labels.includes(name)),
    );
    let axis = 0;
    const shape = all.map((name) => (term.labels.includes(name) ? operand.shape[axis++]! : 1));
    return shape.length === operand.shape.length
      ? operand
      : builder.reshape(operand, shape, { label });
  };
  const product = builder.mul(widen(x), widen(y), { label });
  if (summed.length === 0) return { operand: product, labels };
  const axes = summed.map((_, i) => labels.length + i);
  const operand = builder.reduceSum(product, { axes, keepDimensions: false, label });
  return { operand, labels };
}

/** CumSum and CumProd. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { subtractSizes } from "../core.ts";
import { makeArray, type HostArray } from "../host/array.ts";
import { roundArray } from "../host/array-round.ts";
import { stridesOf, walk, type Elements } from "../host/walk.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { op, type HostNode, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const cumulativeRows: readonly OpRow[] = [
  op("CumSum", { since: 11, empties: true, convert: sums, compute: running(0, (a, b) => a + b) }),
  op("CumProd", {
    since: 26,
    empties: true,
    convert: products,
    compute: running(1, (a, b) => a * b),
  }),
];

function axisInput(node: SizedNode): number {
  const axis = node.integers(1)[0] ?? node.fail("input 1, the axis, is empty");
  return axisOf(node, node.decisions.number(axis), node.rank(0));
}

/** Whether the first element is left out, and whether to begin at the end. */
function directionOf(node: HostNode): { readonly exclusive: boolean; readonly reversed: boolean } {
  return { exclusive: node.int("exclusive", 0) !== 0, reversed: node.int("reverse", 0) !== 0 };
}

function sums(node: NodeContext): Value {
  const axis = axisInput(node);
  if (isEmptyShape(node.shape(0))) return node.value(0);
  const options = { ...directionOf(node), label: node.label };
  return node.result(node.builder.cumulativeSum(node.operand(0), axis, options));
}

/**
 * WebNN has no running product: after step s every element is the product of the 2^s elements that end at it,
 * so that log2 of the size steps do.
 */
function products(node: NodeContext): Value {
  const { builder, label, decisions } = node;
  const axis = axisInput(node);
  const shape = node.shape(0);
  if (isEmptyShape(shape)) return node.value(0);
  const { exclusive, reversed } = directionOf(node);
  let x = node.operand(0);
  const size = shape[axis]!;
  if (reversed) x = builder.reverse(x, { axes: [axis], label });
  if (exclusive) x = delayed(node, x, axis, 1);
  for (let step = 1; decisions.less(step, size); step *= 2) {
    x = builder.mul(x, delayed(node, x, axis, step), { label });
  }
  if (reversed) x = builder.reverse(x, { axes: [axis], label });
  return node.result(x);
}

/** x moved by `steps` along the axis, behind ones. */
function delayed(node: NodeContext, x: Operand, axis: number, steps: number): Operand {
  const { builder, writer, label, decisions } = node;
  const ones = writer.filled(x.dataType, 1, withSize(x.shape, axis, steps));
  const kept = subtractSizes(x.shape[axis]!, steps);
  if (decisions.equal(kept, 0)) return ones;
  const starts = x.shape.map(() => 0);
  const start = builder.slice(x, starts, withSize(x.shape, axis, kept), { label });
  return builder.concat([ones, start], axis, { label });
}

function withSize<T>(shape: readonly T[], axis: number, size: T): readonly T[] {
  return shape.map((whole, d) => (d === axis ? size : whole));
}

/** On the host: `join` from the beginning or from the end, in float64 where the elements are floats. */
function running(
  neutral: number,
  join: (a: number, b: number) => number,
): NonNullable<OpRow["compute"]> {
  return (node, inputs): readonly HostArray[] => {
    const axis = axisInput(sizedNode(node, inputs));
    const { exclusive, reversed } = directionOf(node);
    const input = inputs[0]!;
    const output = makeArray(input.type, input.shape);
    const [from, to]: [Elements, Elements] = [input.data, output.data];
    const strides = stridesOf(input.shape);
    const size = input.shape[axis]!;
    const step = reversed ? -strides[axis]! : strides[axis]!;
    walk(withSize(input.shape, axis, 1), [strides], ([offset]) => {
      let at = offset! + (reversed ? (size - 1) * strides[axis]! : 0);
      let total = neutral;
      for (let i = 0; i < size; i++, at += step) {
        // WebNN has the types whose elements are bigint.
        const next = join(total, from[at] as number);
        to[at] = exclusive ? total : next;
        total = next;
      }
    });
    return [roundArray(output)];
  };
}

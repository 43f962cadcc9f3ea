/** GatherElements and GatherND: an index for each element, and points of several coordinates. */
import { isEmptyShape } from "../convert/broadcast.ts";
import { fixedSize } from "../convert/decisions.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape, type Size } from "../core.ts";
import { gatherElementsOf, gatherPoints } from "../host/array-points.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { indexType, positions } from "./positions.ts";
import { op, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const gatherPointRows: readonly OpRow[] = [
  op("GatherElements", {
    since: 11,
    empties: true,
    convert: gatherElements,
    compute(node, inputs) {
      const axis = elementsAxis(sizedNode(node, inputs));
      return [gatherElementsOf(node, inputs[0]!, inputs[1]!, axis)];
    },
  }),
  op("GatherND", {
    since: 11,
    empties: true,
    convert: gatherND,
    compute(node, inputs) {
      const { batch, shape } = gatherNDShape(sizedNode(node, inputs));
      return [gatherPoints(node, inputs[0]!, inputs[1]!, batch, shape as readonly number[])];
    },
  }),
];

/** The axis of ops whose indices have the input's rank; other dimensions of the indices may be smaller. */
export function elementsAxis(node: SizedNode): number {
  const rank = node.rank(0);
  if (node.rank(1) !== rank) {
    node.fail(
      `indices ${formatShape(node.shape(1))} do not have the rank of ${formatShape(node.shape(0))}`,
    );
  }
  return axisOf(node, node.int("axis", 0), rank);
}

function gatherElements(node: NodeContext): Value {
  const { builder, label } = node;
  const axis = elementsAxis(node);
  const shape = node.shape(1);
  if (isEmptyShape(shape)) return { kind: "empty", type: node.type(0), shape };
  if (isEmptyShape(node.shape(0))) node.fail(`indices ${formatShape(shape)} of an empty tensor`);
  const input = startOf(node, node.operand(0), shape, axis);
  return node.result(builder.gatherElements(input, node.operand(1), { axis, label }));
}

/** The part of the operand within `shape`, whole along `axis`. */
function startOf(node: NodeContext, x: Operand, shape: readonly Size[], axis: number): Operand {
  const isSame = (d: number) => d === axis || node.decisions.equal(x.shape[d]!, shape[d]!);
  if (x.shape.every((_, d) => isSame(d))) return x;
  const starts = shape.map(() => 0);
  const sizes = x.shape.map((size, d) => (isSame(d) ? size : shape[d]!));
  return node.builder.slice(x, starts, sizes, { label: node.label });
}

/** Result [batch, what indices run over, what one point of the input holds]. */
function gatherNDShape(node: SizedNode): {
  readonly batch: number;
  readonly shape: readonly Size[];
} {
  const [from, at] = [node.shape(0), node.shape(1)];
  const batch = node.int("batch_dims", 0);
  if (!(batch >= 0 && batch < Math.min(from.length, at.length))) {
    node.fail(`batch_dims ${batch} for the shapes ${formatShape(from)} and ${formatShape(at)}`);
  }
  for (let d = 0; d < batch; d++) {
    if (!node.decisions.equal(from[d]!, at[d]!)) {
      node.fail(`dimension ${d} of ${formatShape(from)} and ${formatShape(at)} is not the same`);
    }
  }
  const depth = fixedSize(at.at(-1)!);
  if (depth < 1 || batch + depth > from.length) {
    node.fail(`indices of ${depth} coordinates for rank ${from.length} with batch_dims ${batch}`);
  }
  return { batch, shape: [...at.slice(0, -1), ...from.slice(batch + depth)] };
}

function gatherND(node: NodeContext): Value {
  const { builder, label } = node;
  const { batch, shape } = gatherNDShape(node);
  if (isEmptyShape(shape)) return { kind: "empty", type: node.type(0), shape };
  if (isEmptyShape(node.shape(0))) node.fail(`indices of an empty tensor`);
  const indices = batchedPoints(node, node.operand(1), batch);
  return node.result(builder.gatherND(node.operand(0), indices, { label }));
}

/** Points of one entry of the batch as points of all: their coordinates in the batch come first. */
export function batchedPoints(node: NodeContext, points: Operand, batch: number): Operand {
  if (batch === 0) return points;
  const rank = points.shape.length;
  const dataType = indexType(node, points);
  const column = [...points.shape.slice(0, -1), 1];
  const { builder, label } = node;
  const coordinates = Array.from({ length: batch }, (_, d) =>
    builder.expand(positions(node, dataType, points.shape[d]!, rank, d), column, { label }),
  );
  return builder.concat([...coordinates, points], rank - 1, { label });
}

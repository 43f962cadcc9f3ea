/** Gather; its rarer relatives are in `gather-points.ts`. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape } from "../core.ts";
import { numbersOf, type HostTensor } from "../host/host-tensor.ts";
import { rearrange } from "../host/index-math.ts";
import { axisOf } from "./axes.ts";
import { op, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const gatherRows: readonly OpRow[] = [
  op("Gather", {
    elements: "moved",
    empties: true,
    convert: gather,
    host: gatherOnHost,
    compute(node, inputs, { gatherBlocks }) {
      const sized = sizedNode(node, inputs);
      return [gatherBlocks(node, inputs[0]!, inputs[1]!, gatherAxis(sized))];
    },
  }),
];

function gatherAxis(node: SizedNode): number {
  return axisOf(node, node.int("axis", 0), node.rank(0));
}

function gather(node: NodeContext): Value {
  const axis = gatherAxis(node);
  const from = node.shape(0);
  const shape = [...from.slice(0, axis), ...node.shape(1), ...from.slice(axis + 1)];
  if (isEmptyShape(shape)) return { kind: "empty", type: node.type(0), shape };
  if (isEmptyShape(from)) node.fail(`dimension ${axis} of ${formatShape(from)} has no elements`);
  const [input, indices] = [node.operand(0), node.operand(1)];
  return node.result(node.builder.gather(input, indices, { axis, label: node.label }));
}

function gatherOnHost(
  node: NodeContext,
  [input, indices]: readonly (HostTensor | undefined)[],
): HostTensor | undefined {
  const picked = indices && numbersOf(indices);
  if (input === undefined || indices === undefined || picked === undefined) return undefined;
  const axis = axisOf(node, node.int("axis", 0), input.shape.length);
  const size = input.shape[axis]!;
  const outside = picked.find((index) => index < -size || index >= size);
  if (outside !== undefined) node.fail(`index ${outside} is out of range for size ${size}`);
  const rank = indices.shape.length;
  const shape = [...input.shape.slice(0, axis), ...indices.shape, ...input.shape.slice(axis + 1)];
  return rearrange(input, shape, (at) => {
    const index =
      picked[
        at.slice(axis, axis + rank).reduce((offset, c, i) => offset * indices.shape[i]! + c, 0)
      ]!;
    return [...at.slice(0, axis), index < 0 ? index + size : index, ...at.slice(axis + rank)];
  });
}

/**
 * What says where an op's elements go: attributes, shapes, and the integers among its inputs. A conversion
 * has them as sizes that may be symbolic, `compute` as numbers, so that a row says its geometry once.
 */
import { broadcastShapes } from "../convert/broadcast.ts";
import { makeDecisions } from "../convert/decisions.ts";
import type { NodeContext } from "../convert/node-context.ts";
import { formatShape } from "../core.ts";
import type { HostArray } from "../host/array.ts";
import type { HostNode } from "./row.ts";

export type SizedNode = HostNode &
  Pick<
    NodeContext,
    "inputCount" | "shape" | "rank" | "type" | "integers" | "decisions" | "broadcast"
  >;

export function sizedNode(node: HostNode, inputs: readonly (HostArray | undefined)[]): SizedNode {
  const input = (i: number): HostArray => inputs[i] ?? node.fail(`input ${i} is missing`);
  const decisions = makeDecisions({});
  return {
    ...node,
    inputCount: inputs.length,
    shape: (i) => input(i).shape,
    rank: (i) => input(i).shape.length,
    type: (i) => input(i).type,
    integers: (i) => Array.from(input(i).data, Number),
    decisions,
    broadcast(...shapes) {
      const shape = broadcastShapes(decisions, ...shapes);
      return (
        shape ?? node.fail(`the shapes ${shapes.map(formatShape).join(" and ")} do not broadcast`)
      );
    },
  };
}

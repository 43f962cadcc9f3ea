/**
 * Barriers: what conversions found that no one graph can do, so that plans put it between graphs.
 *
 * Types and the elements that shapes depend on are known only while a graph is converted. A conversion that
 * meets a node that the host has to compute, or the elements of a value that its own graph would compute, ends
 * with a barrier; the plan is made again around it. A session keeps its barriers: a later plan starts with them.
 */
import type { Node } from "../model/model.ts";

export type Barrier =
  /** The host computes the node, and says why. */
  | { readonly kind: "host"; readonly node: Node; readonly why: string }
  /** The value is computed before the graph that the node is in, so that its elements can be read. */
  | { readonly kind: "read"; readonly node: Node; readonly value: string };

/** Thrown by a conversion that needs a barrier. */
export class NeedsBarrier extends Error {
  readonly barrier: Barrier;

  constructor(barrier: Barrier) {
    const { op, name } = barrier.node;
    const what = barrier.kind === "host" ? `left to the host: ${barrier.why}` : "needs elements";
    super(`${op} '${name}' ${what}`);
    this.barrier = barrier;
  }
}

export interface Barriers {
  /** Changes with every barrier that is added. */
  readonly count: () => number;
  /** Why the host computes a node; undefined where it does not. */
  readonly whyOnHost: (node: Node) => string | undefined;
  /** Whether the node waits until the value is computed by another graph. */
  readonly isReadBy: (node: Node, value: string) => boolean;
  /** Whether some node waits for a value of this name. */
  readonly isRead: (value: string) => boolean;
  /** False if it was there already. */
  readonly add: (barrier: Barrier) => boolean;
}

export function makeBarriers(): Barriers {
  const onHost = new Map<Node, string>();
  const reads = new Map<Node, Set<string>>();
  const read = new Set<string>();
  let count = 0;
  return {
    count: () => count,
    whyOnHost: (node) => onHost.get(node),
    isReadBy: (node, value) => reads.get(node)?.has(value) === true,
    isRead: (value) => read.has(value),
    add(barrier) {
      const { node } = barrier;
      if (barrier.kind === "host") {
        if (onHost.has(node)) return false;
        onHost.set(node, barrier.why);
      } else {
        const values = reads.get(node) ?? new Set<string>();
        if (values.has(barrier.value)) return false;
        reads.set(node, values.add(barrier.value));
        read.add(barrier.value);
      }
      count += 1;
      return true;
    },
  };
}

/** The passes in their order. A pass is a pure function from graph to graph; tests verify the graph after each. */
import type { Graph } from "../graph/ir.ts";
import { decompose } from "./decompose.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { prune } from "./prune.ts";
import { joinOperands } from "./join-operands.ts";
import { shareEqual } from "./share-equal.ts";
import { splitReductions } from "./split-reductions.ts";

export interface Pass {
  readonly name: string;
  readonly run: (graph: Graph, facts: DeviceFacts) => Graph;
}

export const pipeline: readonly Pass[] = [
  { name: "prune", run: prune },
  { name: "decompose", run: decompose },
  { name: "split reductions", run: splitReductions },
  { name: "share equal", run: shareEqual },
  { name: "join operands", run: joinOperands },
];

export function runPasses(
  graph: Graph,
  facts: DeviceFacts,
  after?: (pass: Pass, graph: Graph) => void,
): Graph {
  return pipeline.reduce((current, pass) => {
    const next = pass.run(current, facts);
    after?.(pass, next);
    return next;
  }, graph);
}

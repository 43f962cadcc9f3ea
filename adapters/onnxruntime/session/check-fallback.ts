/** `throwOnFallback`: nodes that the host would compute are errors, shape arithmetic and control flow are not. */
import { OnnxModelError } from "../errors.ts";
import { subgraphsOf, type Graph, type Model, type Node } from "../model/model.ts";
import { rowOf } from "../ops/table.ts";

export interface Fallback {
  readonly node: Node;
  readonly why: string;
}

/** Throws for the nodes of which the model alone says that no graph can do them. */
export function checkFallback({ graph, opsets }: Model): void {
  const found: Fallback[] = [];
  const visit = ({ nodes }: Graph): void => {
    for (const node of nodes) {
      const why = rowOf(node, opsets)?.onHost;
      if (why !== undefined) found.push({ node, why });
      subgraphsOf(node).forEach(visit);
    }
  };
  visit(graph);
  if (found.length > 0) throw fallbackError(found);
}

export function fallbackError(fallbacks: readonly Fallback[]): OnnxModelError {
  const list = fallbacks.map(({ node, why }) => `${node.op} '${node.name}' (${why})`);
  return new OnnxModelError(
    "fallback",
    `throwOnFallback is set, and the host would compute ${list.join(", ")}`,
  );
}

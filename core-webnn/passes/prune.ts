/** Drops nodes that no output needs. Their values stay, as outputs of node -1. */
import { operandIds } from "../graph/arguments.ts";
import type { Graph, Node } from "../graph/ir.ts";

export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value));
  const kept = new Set<Node>();
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((id) => needed.has(id))) continue;
    kept.add(node);
    operandIds(node).forEach((id) => needed.add(id));
  }
  if (kept.size === graph.nodes.length) return graph;
  const nodes = graph.nodes.filter((node) => kept.has(node));
  const place = new Map(nodes.map((node, i) => [node, i]));
  const values = graph.values.map((value) => {
    const { from } = value;
    if (from.kind !== "node") return value;
    const node = graph.nodes[from.node];
    return { ...value, from: { ...from, node: (node && place.get(node)) ?? -1 } };
  });
  return { ...graph, nodes, values };
}

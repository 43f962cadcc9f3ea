/** Drops nodes that no output needs. */
import { operandIds } from "../graph/arguments.ts";
import type { Graph } from "../graph/ir.ts";

export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value));
  const kept = [...graph.nodes].reverse().filter((node) => {
    if (!node.outputs.some((id) => needed.has(id))) return false;
    operandIds(node).forEach((id) => needed.add(id));
    return true;
  });
  if (kept.length === graph.nodes.length) return graph;
  const nodes = kept.reverse();
  const place = new Map(nodes.map((node, i) => [node.outputs[0]!, i]));
  const values = graph.values.map((value) => {
    if (value.from.kind !== "node") return value;
    const first = graph.nodes[value.from.node]!.outputs[0]!;
    return { ...value, from: { ...value.from, node: place.get(first) ?? -1 } };
  });
  return { ...graph, nodes, values };
}

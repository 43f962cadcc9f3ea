/** Whether a model asks for nothing that this execution provider lacks. What it lacks, `check-support.ts` says. */
import { subgraphsOf, type Graph, type Model, type ValueInfo } from "../model/model.ts";
import { hasRow } from "./table.ts";

export function isSupported({ graph, opsets }: Model): boolean {
  const hasRows = ({ nodes }: Graph): boolean =>
    nodes.every((node) => hasRow(node, opsets) && subgraphsOf(node).every(hasRows));
  return hasRows(graph) && [...graph.inputs, ...graph.outputs].every(isOfNumbers);
}

function isOfNumbers({ type, other }: ValueInfo): boolean {
  return type !== "string" && other === undefined;
}

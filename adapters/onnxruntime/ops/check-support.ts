/** Says at once all that a model asks for and this execution provider does not have. */
import { OnnxModelError } from "../errors.ts";
import { getOrMake } from "../get-or-make.ts";
import { subgraphsOf, type Graph, type Model, type Node } from "../model/model.ts";
import { insteadOf, refusedValues } from "./refused.ts";
import { hasRow, opsetOf } from "./table.ts";

/** Nodes named per op in the message; the count says how many there are. */
const namedNodes = 3;

export function checkSupport(model: Model): void {
  const unsupported: Node[] = [];
  const visit = (graph: Graph): void => {
    for (const node of graph.nodes) {
      if (!hasRow(node, model.opsets)) unsupported.push(node);
      subgraphsOf(node).forEach(visit);
    }
  };
  visit(model.graph);
  const problems = [
    ...listOps(unsupported, model),
    ...insteadOf(unsupported),
    ...refusedValues(model.graph),
  ];
  if (problems.length > 0) throw new OnnxModelError("unsupported", problems.join("; "));
}

function listOps(nodes: readonly Node[], model: Model): readonly string[] {
  if (nodes.length === 0) return [];
  const names = new Map<string, string[]>();
  for (const node of nodes) getOrMake(names, describe(node, model), () => []).push(node.name);
  const list = [...names].map(([op, all]) => {
    const named = all.slice(0, namedNodes).map((name) => `'${name}'`);
    const more = all.length > namedNodes ? `, … ${all.length} in all` : "";
    return `${op} (${named.join(", ")}${more})`;
  });
  return [`the model uses ops that this execution provider does not have: ${list.join("; ")}`];
}

function describe(node: Node, model: Model): string {
  const version = opsetOf(node, model.opsets);
  const domain = node.domain === "" ? "ai.onnx" : node.domain;
  return version === undefined
    ? `${domain}:${node.op} (its domain has no opset)`
    : `${domain}:${node.op} of opset ${version}`;
}

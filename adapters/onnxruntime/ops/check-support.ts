/** Says at once all that a model asks for and this execution provider does not have. */
import { OnnxModelError } from "../errors.ts";
import { subgraphsOf, type Graph, type Model, type Node } from "../model/model.ts";
import { controlOf, rowOf } from "./table.ts";

/** Nodes named per op in the message; the count says how many there are. */
const namedNodes = 3;

export function checkSupport(model: Model): void {
  const unsupported = new Map<string, string[]>();
  const visit = (graph: Graph): void => {
    for (const node of graph.nodes) {
      if (controlOf(node) === undefined && rowOf(node, model.opsets) === undefined) {
        const key = describe(node, model);
        unsupported.set(key, [...(unsupported.get(key) ?? []), node.name]);
      }
      subgraphsOf(node).forEach(visit);
    }
  };
  visit(model.graph);
  if (unsupported.size === 0) return;
  const list = [...unsupported].map(([op, nodes]) => {
    const named = nodes.slice(0, namedNodes).map((name) => `'${name}'`);
    const more = nodes.length > namedNodes ? `, … ${nodes.length} in all` : "";
    return `${op} (${named.join(", ")}${more})`;
  });
  throw new OnnxModelError(
    "unsupported",
    `the model uses ops that this execution provider does not have: ${list.join("; ")}`,
  );
}

function describe(node: Node, model: Model): string {
  const version = model.opsets.get(node.domain);
  const domain = node.domain === "" ? "ai.onnx" : node.domain;
  return version === undefined
    ? `${domain}:${node.op} (its domain has no opset)`
    : `${domain}:${node.op} of opset ${version}`;
}

/**
 * Gives nodes the constants that their rows want in another form, such as packed weights as a tensor of 4-bit numbers.
 *
 * It is done once, before plans: all graphs then share what is made, and what nothing uses any more is let go.
 */
import { makeHostNode } from "../convert/host-node.ts";
import { getOrMake } from "../get-or-make.ts";
import { usesOf } from "../model/arrange-graph.ts";
import type { Attribute, Constant, Graph, Model, Node } from "../model/model.ts";
import type { StorableTypes } from "../ops/row.ts";
import { opsetOf, rowOf } from "../ops/table.ts";

export function prepareConstants(model: Model, storable: StorableTypes): Model {
  return { ...model, graph: prepareGraph(model.graph, model.opsets, storable, new Map()) };
}

function prepareGraph(
  graph: Graph,
  opsets: Model["opsets"],
  storable: StorableTypes,
  outer: ReadonlyMap<string, Constant>,
): Graph {
  const visible = new Map([...outer, ...graph.constants]);
  const made = new Map<string, Constant>();
  const replaced = new Set<string>();
  const inputOf = (node: Node, name: string, input: number): string => {
    const constant = visible.get(name);
    const row = constant && rowOf(node, opsets);
    if (constant === undefined || row?.prepare === undefined) return name;
    const prepared = row.prepare(makeHostNode(node, opsetOf(node, opsets)!), {
      input,
      constant,
      other: (i) => visible.get(node.inputs[i] ?? ""),
      storable,
    });
    if (prepared === undefined) return name;
    replaced.add(name);
    const key = `${name} as ${prepared.type} [${prepared.shape.join(", ")}]`;
    return getOrMake(made, key, () => ({ ...prepared, name: key })).name;
  };
  const nodes = graph.nodes.map((node): Node => {
    const inputs = node.inputs.map((name, input) => inputOf(node, name, input));
    const attributes = new Map(
      [...node.attributes].map(([name, attribute]): [string, Attribute] =>
        attribute.kind === "graph"
          ? [
              name,
              { kind: "graph", value: prepareGraph(attribute.value, opsets, storable, visible) },
            ]
          : [name, attribute],
      ),
    );
    return { ...node, inputs, attributes };
  });
  const used = new Set([...nodes.flatMap(usesOf), ...graph.outputs.map(({ name }) => name)]);
  const kept = [...graph.constants].filter(([name]) => used.has(name) || !replaced.has(name));
  return { ...graph, nodes, constants: new Map([...kept, ...made]) };
}

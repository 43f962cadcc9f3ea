/** Nodes that compute the same become one: exporters repeat what layers share, and decompositions repeat parts. */
import { mapOperands } from "../graph/arguments.ts";
import type { Attribute, Graph, Node, Value, ValueId } from "../graph/ir.ts";
import { formatShape } from "../util/size.ts";
import { prune } from "./prune.ts";

export function shareEqual(graph: Graph): Graph {
  const instead = firstLeaves(graph.values);
  const earlier = new Map<string, Node>();
  const nodes = graph.nodes.map((original) => {
    const node = { ...original, operands: mapOperands(original, (id) => instead[id]!) };
    const key = keyOf(node);
    const same = earlier.get(key);
    if (same === undefined) earlier.set(key, node);
    else node.outputs.forEach((id, i) => (instead[id] = same.outputs[i]!));
    return node;
  });
  if (earlier.size === nodes.length) return graph;
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: instead[value]! }));
  return prune({ ...graph, nodes, outputs });
}

/** The first value with the same constant bytes or literal; computed values and inputs are themselves. */
function firstLeaves(values: readonly Value[]): ValueId[] {
  const known = new Map<string, ValueId>();
  return values.map(({ id, dataType, shape, from }) => {
    if (from.kind !== "constant" && from.kind !== "literal") return id;
    const key = `${printLeaf(from)} ${dataType}${formatShape(shape)}`;
    const first = known.get(key) ?? id;
    known.set(key, first);
    return first;
  });
}

function printLeaf(from: Extract<Value["from"], { kind: "constant" | "literal" }>): string {
  if (from.kind === "literal") return `literal ${printScalar(from.value)}`;
  return from.inline === undefined ? `constant ${from.key}` : `bytes ${from.inline.join()}`;
}

function keyOf({ op, operands, attributes }: Node): string {
  return `${op} ${JSON.stringify(operands)} ${JSON.stringify(attributes, printNumber)}`;
}

/** JSON knows neither infinities nor -0 nor bigints. */
function printNumber(_: string, value: Attribute): unknown {
  return typeof value === "number" || typeof value === "bigint" ? printScalar(value) : value;
}

function printScalar(value: number | bigint): string {
  return `${Object.is(value, -0) ? "-0" : value}${typeof value === "bigint" ? "n" : ""}`;
}

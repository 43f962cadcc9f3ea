/** A graph as text, one node a line: for golden files, for errors and for people. */
import { formatShape, sizeKey } from "../util/size.ts";
import type { Attribute, Graph, Value, ValueId } from "./ir.ts";

export function printGraph(graph: Graph): string {
  const lines: string[] = [];
  for (const { name, value } of graph.inputs) {
    lines.push(`input ${name} = ${declare(graph, value)}`);
  }
  for (const node of graph.nodes) {
    const operands = Object.entries(node.operands).map(([name, operand]) =>
      typeof operand === "number"
        ? `${name}: ${refer(graph, operand)}`
        : `${name}: [${operand.map((id) => refer(graph, id)).join(", ")}]`,
    );
    const attributes = Object.entries(node.attributes).map(
      ([name, value]) => `${name}: ${printAttribute(value)}`,
    );
    const outputs = node.outputs.map((id) => declare(graph, id)).join(", ");
    const label = node.label === "" ? "" : ` '${node.label}'`;
    lines.push(`${outputs} = ${node.op}${label}(${[...operands, ...attributes].join(", ")})`);
  }
  for (const { name, value } of graph.outputs)
    lines.push(`output ${name} = ${refer(graph, value)}`);
  for (const { kind, a, b } of graph.constraints) {
    lines.push(`require ${formatShape([a])} ${kind} ${formatShape([b])}`);
  }
  return lines.join("\n") + "\n";
}

function declare(graph: Graph, id: ValueId): string {
  const { dataType, shape } = graph.values[id]!;
  return `%${id}: ${dataType}${formatShape(shape)}`;
}

function refer(graph: Graph, id: ValueId): string {
  const value: Value = graph.values[id]!;
  if (value.from.kind === "literal") return `${value.dataType} ${value.from.value}`;
  if (value.from.kind !== "constant") return `%${id}`;
  return `constant ${value.from.key}: ${value.dataType}${formatShape(value.shape)}`;
}

function printAttribute(value: Attribute): string {
  if (typeof value !== "object") return String(value);
  const items = value.map((item) => (typeof item === "string" ? item : sizeKey(item)));
  return `[${items.join(", ")}]`;
}

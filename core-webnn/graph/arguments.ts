/** From a node back to the argument values that its row's functions take: operands become the graph's values. */
import type { ArgValue, ArgValues, Row } from "../ops/row.ts";
import type { Attribute, Graph, Node, ValueId } from "./ir.ts";

export function argumentsOf(graph: Pick<Graph, "values">, row: Row, node: Node): ArgValues {
  const values: Record<string, ArgValue> = { ...node.attributes };
  for (const [name, operand] of Object.entries(node.operands)) {
    values[name] =
      typeof operand === "number" ? graph.values[operand]! : operand.map((id) => graph.values[id]!);
  }
  // An absent option is undefined, so that row functions may destructure it.
  for (const name of Object.keys(row.declared)) values[name] ??= undefined;
  return values;
}

/** The value ids of all operands of a node, in argument order; an operand used twice stands twice. */
export function operandIds(node: Node): readonly ValueId[] {
  return Object.values(node.operands).flatMap((operand) => operand);
}

/** Splits argument values into what a node keeps as operands and as attributes. */
export function splitArguments(
  row: Row,
  values: ArgValues,
  idOf: (operand: ArgValue) => ValueId,
): Pick<Node, "operands" | "attributes"> {
  const operands: Record<string, ValueId | readonly ValueId[]> = {};
  const attributes: Record<string, Attribute> = {};
  for (const [name, arg] of Object.entries(row.declared)) {
    const value = values[name];
    if (value === undefined) continue;
    if (arg.kind === "operand") operands[name] = idOf(value);
    else if (arg.kind === "operands") operands[name] = (value as readonly ArgValue[]).map(idOf);
    else attributes[name] = value as Attribute;
  }
  return { operands, attributes };
}

/** A node's operands with other values in their places. */
export function mapOperands({ operands }: Node, map: (id: ValueId) => ValueId): Node["operands"] {
  const mapped = Object.entries(operands).map(([name, operand]) => [
    name,
    typeof operand === "number" ? map(operand) : operand.map(map),
  ]);
  return Object.fromEntries(mapped) as Node["operands"];
}

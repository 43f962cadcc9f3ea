/** Copies a graph node by node, letting a pass put other nodes in the place of some. */
import { argumentsOf } from "../graph/arguments.ts";
import { editGraph, type GraphEditor } from "../graph/editor.ts";
import type { Graph, Node, Value } from "../graph/ir.ts";
import type { ArgValue, ArgValues, Row } from "../ops/row.ts";
import { rowNamed } from "../ops/table.ts";
import { unreachable } from "../util/unreachable.ts";

/**
 * `replace` is called for each node with arguments that live in the new graph; it returns the new
 * outputs, or undefined to keep the node as it is.
 */
export function rewrite(
  graph: Graph,
  replace: (
    row: Row,
    args: ArgValues,
    node: Node,
    editor: GraphEditor,
  ) => readonly Value[] | undefined,
): Graph {
  const editor = editGraph();
  const moved = new Map<number, Value>();
  const move = (value: Value): Value => {
    const known = moved.get(value.id);
    if (known !== undefined) return known;
    const copy = moveLeaf(value, editor);
    moved.set(value.id, copy);
    return copy;
  };
  for (const { name, value } of graph.inputs) {
    const { dataType, shape } = graph.values[value]!;
    moved.set(value, editor.input(name, dataType, shape));
  }
  editor.constrain(graph.constraints);
  for (const node of graph.nodes) {
    const row = rowNamed(node.op);
    const args = mapOperands(argumentsOf(graph, row, node), row, (operand) =>
      move(operand as Value),
    );
    const outputs = replace(row, args, node, editor) ?? editor.node(row, args, node.label);
    node.outputs.forEach((id, i) => moved.set(id, outputs[i] ?? unreachable("a lost output")));
  }
  return editor.finish(
    graph.outputs.map(({ name, value }) => ({ name, value: move(graph.values[value]!).id })),
  );
}

function moveLeaf({ dataType, shape, from }: Value, editor: GraphEditor): Value {
  if (from.kind === "constant") return editor.constant(from.key, dataType, shape, from.inline);
  if (from.kind === "literal") return editor.literal(dataType, from.value);
  return unreachable("a value is used before it is computed");
}

function mapOperands(args: ArgValues, row: Row, map: (operand: ArgValue) => ArgValue): ArgValues {
  const mapped: Record<string, ArgValue> = { ...args };
  for (const [name, { kind }] of Object.entries({ ...row.args, ...row.options })) {
    const value = args[name];
    if (value === undefined) continue;
    if (kind === "operand") mapped[name] = map(value);
    else if (kind === "operands") mapped[name] = (value as readonly ArgValue[]).map(map) as Value[];
  }
  return mapped;
}

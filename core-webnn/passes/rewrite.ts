/** Copies a graph node by node, letting a pass put other nodes in the place of some. */
import { argumentsOf, mapOperands } from "../graph/arguments.ts";
import { editGraph, type GraphEditor } from "../graph/editor.ts";
import type { Graph, Node, Value } from "../graph/ir.ts";
import type { ArgValues, Row } from "../ops/row.ts";
import { rowNamed } from "../ops/table.ts";
import { unreachable } from "../util/unreachable.ts";

/**
 * `matches` sees each node with its arguments in the old graph; a graph without a match is returned as
 * it is. `replace` gets arguments that live in the new graph, and returns as many outputs as the node
 * has, of the same types and shapes.
 */
export function rewrite(
  graph: Graph,
  matches: (row: Row, args: ArgValues) => boolean,
  replace: (row: Row, args: ArgValues, node: Node, editor: GraphEditor) => readonly Value[],
): Graph {
  const matched = new Set(
    graph.nodes.filter((node) => {
      const row = rowNamed(node.op);
      return matches(row, argumentsOf(graph, row, node));
    }),
  );
  if (matched.size === 0) return graph;
  const editor = editGraph();
  const moved = new Map<number, Value>();
  const move = (id: number): Value => {
    const copy = moved.get(id) ?? moveLeaf(graph.values[id]!, editor);
    moved.set(id, copy);
    return copy;
  };
  for (const { name, value } of graph.inputs) {
    const { dataType, shape } = graph.values[value]!;
    moved.set(value, editor.input(name, dataType, shape));
  }
  editor.constrain(graph.constraints);
  for (const node of graph.nodes) {
    const copy = { ...node, operands: mapOperands(node, (id) => move(id).id) };
    const outputs = matched.has(node)
      ? replaceNode(copy, editor, replace)
      : editor.copy(
          copy,
          node.outputs.map((id) => graph.values[id]!),
        );
    node.outputs.forEach((id, i) => moved.set(id, outputs[i] ?? unreachable("a lost output")));
  }
  return editor.finish(graph.outputs.map(({ name, value }) => ({ name, value: move(value).id })));
}

function replaceNode(
  node: Node,
  editor: GraphEditor,
  replace: Parameters<typeof rewrite>[2],
): readonly Value[] {
  const row = rowNamed(node.op);
  return replace(row, argumentsOf(editor, row, node), node, editor);
}

function moveLeaf({ dataType, shape, from }: Value, editor: GraphEditor): Value {
  if (from.kind === "constant") return editor.constant(from.key, dataType, shape, from.inline);
  if (from.kind === "literal") return editor.literal(dataType, from.value);
  return unreachable("a value is used before it is computed");
}

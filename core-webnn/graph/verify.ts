/**
 * Checks that a graph is what every stage may rely on: operands come before their node, and each
 * output has the type and shape that its row infers. Tests run it after every pass.
 */
import { rowNamed } from "../ops/table.ts";
import { formatShape, sizesEqual } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { argumentsOf, operandIds } from "./arguments.ts";
import { claimsInto } from "./editor.ts";
import type { Graph, Node } from "./ir.ts";

export function verifyGraph(graph: Graph): void {
  graph.values.forEach((value, id) => {
    if (value.id !== id) unreachable(`value ${id} calls itself ${value.id}`);
  });
  const known = new Set(
    graph.values.filter(({ from }) => from.kind !== "node").map(({ id }) => id),
  );
  for (const node of graph.nodes) {
    for (const id of operandIds(node)) {
      if (!known.has(id))
        unreachable(`${node.op} '${node.label}' uses %${id} before it is computed`);
    }
    verifyOutputs(graph, node);
    node.outputs.forEach((id) => known.add(id));
  }
  for (const { name, value } of graph.outputs) {
    if (!known.has(value)) unreachable(`output ${name} is not computed`);
  }
}

function verifyOutputs(graph: Graph, node: Node): void {
  const row = rowNamed(node.op);
  const inferred = row.infer(argumentsOf(graph, row, node), claimsInto([], node.op));
  if (inferred.length !== node.outputs.length) {
    unreachable(`${node.op} has ${node.outputs.length} outputs, not ${inferred.length}`);
  }
  inferred.forEach(({ dataType, shape }, i) => {
    const value = graph.values[node.outputs[i]!]!;
    const same =
      value.dataType === dataType &&
      value.shape.length === shape.length &&
      shape.every((size, d) => sizesEqual(size, value.shape[d]!));
    if (!same) {
      unreachable(
        `${node.op} '${node.label}' gives ${dataType}${formatShape(shape)}, ` +
          `but %${value.id} is ${value.dataType}${formatShape(value.shape)}`,
      );
    }
  });
}

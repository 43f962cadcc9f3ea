/**
 * Joins operands of a node that has more of them than a kernel may have buffers, by nodes of the same
 * row. As few elements as possible are copied twice.
 */
import type { GraphEditor } from "../graph/editor.ts";
import type { Graph, Value } from "../graph/ir.ts";
import type { ArgValues, Row } from "../ops/row.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { rewrite } from "./rewrite.ts";

export function joinOperands(graph: Graph, { maxBuffersPerKernel }: DeviceFacts): Graph {
  // One buffer is written.
  const most = maxBuffersPerKernel - 1;
  return rewrite(graph, (row, args, { label }, editor) => {
    const name = row.associative && Object.keys(row.args).find((arg) => isList(row, arg));
    if (!name || (args[name] as readonly Value[]).length <= most) return undefined;
    return join(editor, row, name, args, label, most);
  });
}

function isList(row: Row, arg: string): boolean {
  return row.args[arg]!.kind === "operands";
}

function join(
  editor: GraphEditor,
  row: Row,
  name: string,
  args: ArgValues,
  label: string,
  most: number,
): readonly Value[] {
  const operands = args[name] as readonly Value[];
  if (operands.length <= most) return editor.node(row, args, label);
  const joined = Math.min(most, operands.length - most + 1);
  const [first] = editor.node(row, { ...args, [name]: operands.slice(0, joined) }, label);
  const rest = [first!, ...operands.slice(joined)];
  return join(editor, row, name, { ...args, [name]: rest }, label, most);
}

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
  return rewrite(
    graph,
    (row, args) => row.associative === true && operandsOf(row, args).length > most,
    (row, args, { label }, editor) => join(editor, row, args, label, most),
  );
}

function join(
  editor: GraphEditor,
  row: Row,
  args: ArgValues,
  label: string,
  most: number,
): readonly Value[] {
  const operands = operandsOf(row, args);
  if (operands.length <= most) return editor.node(row, args, label);
  const joined = Math.min(most, operands.length - most + 1);
  const of = (list: readonly Value[]): ArgValues => ({ ...args, [listName(row)]: list });
  const [first] = editor.node(row, of(operands.slice(0, joined)), label);
  return join(editor, row, of([first!, ...operands.slice(joined)]), label, most);
}

function operandsOf(row: Row, args: ArgValues): readonly Value[] {
  return args[listName(row)] as readonly Value[];
}

function listName({ args }: Row): string {
  return Object.keys(args).find((name) => args[name]!.kind === "operands")!;
}

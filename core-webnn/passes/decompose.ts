/** Replaces each node whose row is told in terms of other rows, until none is left. */
import type { GraphEditor } from "../graph/editor.ts";
import type { Graph, Value } from "../graph/ir.ts";
import type { AddNode, ArgValues, Descriptor, Row } from "../ops/row.ts";
import { rewrite } from "./rewrite.ts";

export function decompose(graph: Graph): Graph {
  return rewrite(
    graph,
    ({ lower }) => lower.kind === "decompose",
    (row, args, { label }, editor) => expand(row, args, label, editor),
  );
}

function expand(row: Row, args: ArgValues, label: string, editor: GraphEditor): readonly Value[] {
  if (row.lower.kind !== "decompose") return editor.node(row, args, label);
  const resolved = row.resolve(args);
  const all: AddNode["all"] = (inner, innerArgs) => expand(inner, innerArgs, label, editor);
  const add: AddNode = Object.assign(
    (inner: Row, innerArgs: ArgValues): Descriptor => all(inner, innerArgs)[0]!,
    { all, scalar: editor.literal },
  );
  const outputs = row.infer(resolved, { equal: () => {}, atMost: () => {} });
  const made = row.lower.into(add, resolved, outputs);
  return (Array.isArray(made) ? made : [made]) as readonly Value[];
}

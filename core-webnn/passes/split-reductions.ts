/**
 * Reduces a whole tensor row by row first: one long reduction would keep one thread busy and the others
 * waiting. Applies where everything is reduced, by rows that may go dimension after dimension.
 */
import type { Graph, Value } from "../graph/ir.ts";
import type { ArgValues, Row } from "../ops/row.ts";
import { rewrite } from "./rewrite.ts";

export function splitReductions(graph: Graph): Graph {
  return rewrite(
    graph,
    (row, args) => innerAxes(row, args) !== undefined,
    (row, args, { label }, editor) => {
      const kept = { ...args, axes: innerAxes(row, args), keepDimensions: true };
      const [input] = editor.node(row, kept, label);
      return editor.node(row, { ...args, input: input! }, label);
    },
  );
}

/** The last dimension, if others are left to be reduced after it. */
function innerAxes(row: Row, args: ArgValues): readonly number[] | undefined {
  if (row.lower.kind !== "reduce" || row.stepwise !== true) return undefined;
  const { shape } = args["input"] as Value;
  const reduced = new Set(args["axes"] as readonly number[]);
  const long = [...shape.keys()].filter((d) => shape[d] !== 1);
  if (long.length < 2 || !long.every((d) => reduced.has(d))) return undefined;
  return long.slice(-1);
}

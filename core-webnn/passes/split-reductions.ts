/**
 * Reduces a whole tensor row by row first: one long reduction would keep one thread busy and the others
 * waiting. Applies where everything is reduced, by rows that may go dimension after dimension.
 */
import type { Graph, Value } from "../graph/ir.ts";
import type { ArgValues, Descriptor, Row } from "../ops/row.ts";
import { inFloat32 } from "../ops/widen.ts";
import { rewrite } from "./rewrite.ts";

export function splitReductions(graph: Graph): Graph {
  return rewrite(
    graph,
    (row, args) => innerAxes(row, args) !== undefined,
    (row, args, { label }, editor) => {
      const kept = { ...args, axes: innerAxes(row, args), keepDimensions: true };
      const add = (next: Row, of: ArgValues): Value => editor.node(next, of, label)[0]!;
      const twice = (input: Descriptor): Value =>
        add(row, { ...args, input: add(row, { ...kept, input }) });
      const input = args["input"] as Value;
      const isExact = row.ulp(args) === 0 || input.dataType !== "float16";
      // Rows' sums may be too large for a half where the sum of all is not.
      return [(isExact ? twice(input) : inFloat32(add, input, twice)) as Value];
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

/**
 * Order in kernels that read what they write (those with a scan). Elsewhere a value may be computed at
 * any time; here one that loads from a written buffer is computed where its statement stands, and
 * after a statement that stores nothing loaded before it is used again.
 */
import type { Stmt } from "../../kernel/ir.ts";
import { readsWritten } from "../../kernel/visit.ts";
import type { Emission } from "./emission.ts";
import { apart } from "./point.ts";
import type { Point } from "./point.ts";

/** After a statement: the points as the next one sees them. */
export function settle(
  { isScan, kernel, nest }: Emission,
  points: readonly Point[],
  stmt: Stmt,
): readonly Point[] {
  if (!isScan) return points;
  const names = localsOf(stmt);
  if (names === undefined) {
    nest.act({ kind: "barrier" });
    nest.graph.forgetLoads();
    return points.map(apart);
  }
  if (!readsWritten(stmt, kernel)) return points;
  for (const { locals } of points) {
    for (const name of names) {
      const lanes = locals.get(name)!;
      const values = lanes.kind === "each" ? lanes.values : [lanes.value];
      values.forEach((value) => nest.act({ kind: "compute", value }));
    }
  }
  return points;
}

/** The locals that a statement sets; undefined for one that stores. */
function localsOf(stmt: Stmt): readonly string[] | undefined {
  switch (stmt.kind) {
    case "let":
      return [stmt.local.name];
    case "reduce":
      return stmt.state.map(({ name }) => name);
    case "contract":
      return [stmt.accumulator.name];
    case "store":
    case "loop":
    case "scan":
      return undefined;
    default:
      return stmt satisfies never;
  }
}

/** How many vectors one round of a loop takes. */
import type { Stmt } from "../../kernel/ir.ts";
import { workOf } from "./vector-axis.ts";

/**
 * By operations per element: short bodies share the loop's own instructions, reductions need several
 * sums to hide the latency of one, long bodies keep the processor busy by themselves.
 */
const unrolls = [
  { operations: 12, unroll: 4 },
  { operations: 120, unroll: 2 },
] as const;

export function unrollOf(body: readonly Stmt[]): number {
  const operations = Math.max(...body.map(innermostWork));
  return unrolls.find((row) => operations <= row.operations)?.unroll ?? 1;
}

/** Per round of the innermost loops. */
function innermostWork(stmt: Stmt): number {
  switch (stmt.kind) {
    case "loop":
      return Math.max(...stmt.body.map(innermostWork));
    case "reduce":
      return workOf([{ ...stmt, axes: [] }]);
    case "contract":
      return workOf([{ ...stmt, k: [] }]);
    default:
      return workOf([stmt]);
  }
}

/** How many vectors one round of a loop takes. */
import type { BufferUse, Stmt } from "../../kernel/ir.ts";
import { visitExprs } from "../../kernel/visit.ts";
import type { StorageType } from "../../util/data-type.ts";
import { workOf } from "./vector-axis.ts";

/**
 * By operations per element: short bodies share the loop's own instructions, and a reduction needs
 * several sums to hide the latency of one. Long bodies run out of registers: 14 constants of exp alone.
 *
 * Measured on EPYC (2 cores at 100 %), Chromium 156 and Node 20 with relaxed SIMD, ns per element:
 *   unroll                     1           2           4
 *   layer normalization   0.65, 0.72  0.47, 0.46  0.30, 0.37
 *   GELU                  1.95, 2.15  1.69, 1.69  1.87, 2.31
 */
const unrolls = [
  { operations: 12, unroll: 4 },
  { operations: 120, unroll: 2 },
] as const;

/** Operations that a conversion takes beside the access. */
const conversions: Partial<Record<StorageType, { readonly load: number; readonly store: number }>> =
  { float16: { load: 8, store: 24 } };

export function unrollOf(body: readonly Stmt[], buffers: readonly BufferUse[]): number {
  const operations = Math.max(...body.map((stmt) => innermostWork(stmt, buffers)));
  return unrolls.find((row) => operations <= row.operations)?.unroll ?? 1;
}

/** Per round of the innermost loops. */
function innermostWork(stmt: Stmt, buffers: readonly BufferUse[]): number {
  switch (stmt.kind) {
    case "loop":
    case "scan":
      return Math.max(...stmt.body.map((inner) => innermostWork(inner, buffers)));
    case "reduce":
      return workOf([{ ...stmt, axes: [] }]) + conversionWork(stmt, buffers);
    case "contract":
      return workOf([{ ...stmt, k: [] }]) + conversionWork(stmt, buffers);
    default:
      return workOf([stmt]) + conversionWork(stmt, buffers);
  }
}

function conversionWork(stmt: Stmt, buffers: readonly BufferUse[]): number {
  const of = (buffer: number) => conversions[buffers[buffer]!.dataType];
  let work = stmt.kind === "store" ? (of(stmt.buffer)?.store ?? 0) : 0;
  visitExprs(stmt, (x) => (work += x.kind === "load" ? (of(x.buffer)?.load ?? 0) : 0));
  return work;
}

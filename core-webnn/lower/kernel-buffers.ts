/** The buffers that a body mentions, and other numbers for them. */
import type { Address, Stmt } from "../kernel/ir.ts";
import { substituteExpr, visitExprs, visitStmts } from "../kernel/visit.ts";
import { index } from "../kernel/expr.ts";
import { mapBody } from "./map-body.ts";

/** In ascending order. */
export function usedBuffers(body: readonly Stmt[]): readonly number[] {
  const used = new Set<number>();
  for (const stmt of body) visitExprs(stmt, (x) => void (x.kind === "load" && used.add(x.buffer)));
  visitStmts(body, (stmt) => void (stmt.kind === "store" && used.add(stmt.buffer)));
  return [...used].sort((a, b) => a - b);
}

/** Gives the buffers in `used` the numbers 0, 1, 2 …; the body mentions no others. */
export function renumberBuffers(body: readonly Stmt[], used: readonly number[]): readonly Stmt[] {
  if (used.every((buffer, number) => buffer === number)) return body;
  const numbers = new Map(used.map((buffer, number) => [buffer, number]));
  const buffers = (buffer: number): number => numbers.get(buffer)!;
  const address = (a: Address): Address => {
    const renumbered = substituteExpr(index(a), { buffers });
    return renumbered.kind === "index" ? renumbered.address : a;
  };
  return mapBody(body, { expr: (x) => substituteExpr(x, { buffers }), address, buffer: buffers });
}

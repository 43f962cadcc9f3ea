/** The addresses of a kernel: to look at them all, and to put other axes in. */
import type { Address, Expr, Kernel, Stmt } from "../kernel/ir.ts";
import { substituteAddress, substituteExpr, visitExprs, visitStmts } from "../kernel/visit.ts";
import { mapBody } from "./map-body.ts";

/** Every whole address: of loads, stores and index expressions. */
export function addressesIn(of: Kernel | Expr): readonly Address[] {
  const found: Address[] = [];
  visitExprs(of, (x) => {
    if (x.kind === "load" || x.kind === "index") found.push(x.address);
  });
  if ("body" in of) {
    visitStmts(of.body, (stmt) => void (stmt.kind === "store" && found.push(stmt.address)));
  }
  return found;
}

export function loadsIn(of: Expr): readonly Extract<Expr, { kind: "load" }>[] {
  const found: Extract<Expr, { kind: "load" }>[] = [];
  visitExprs(of, (x) => void (x.kind === "load" && found.push(x)));
  return found;
}

/** Puts addresses in the place of axes, in a body; declarations stay. */
export function substituteAxes(
  body: readonly Stmt[],
  axes: ReadonlyMap<string, Address>,
): readonly Stmt[] {
  return mapBody(body, {
    expr: (x) => substituteExpr(x, { axes }),
    address: (a) => substituteAddress(a, axes),
  });
}

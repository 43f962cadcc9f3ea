/** How often an expression mentions each of some expressions, by identity; does not look inside those. */
import type { Address, Expr } from "../kernel/ir.ts";
import { operandsOf } from "../kernel/visit.ts";

export function countReferences(root: Expr, wanted: readonly Expr[]): ReadonlyMap<Expr, number> {
  const counts = new Map(wanted.map((expr) => [expr, 0]));
  const visit = (expr: Expr): void => {
    const count = counts.get(expr);
    if (count !== undefined) counts.set(expr, count + 1);
    else if (expr.kind === "load" || expr.kind === "index") visitAddress(expr.address);
    else operandsOf(expr).forEach(visit);
  };
  const visitAddress = (address: Address): void => {
    if (address.kind === "value") visit(address.value);
    else if ("a" in address) [address.a, address.b].forEach(visitAddress);
  };
  visit(root);
  return counts;
}

/** How often an expression mentions each of some expressions, by identity; does not look inside those. */
import type { Address, Expr } from "../kernel/ir.ts";

export function countReferences(root: Expr, wanted: readonly Expr[]): ReadonlyMap<Expr, number> {
  const counts = new Map(wanted.map((expr) => [expr, 0]));
  const visit = (expr: Expr): void => {
    const count = counts.get(expr);
    if (count !== undefined) {
      counts.set(expr, count + 1);
      return;
    }
    children(expr).forEach(visit);
    addressesOf(expr).forEach(visitAddress);
  };
  const visitAddress = (address: Address): void => {
    if (address.kind === "value") visit(address.value);
    else if ("a" in address) [address.a, address.b].forEach(visitAddress);
  };
  visit(root);
  return counts;
}

function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "const":
    case "local":
    case "load":
    case "index":
      return [];
    case "unary":
    case "cast":
    case "narrow":
      return [expr.x];
    case "binary":
    case "compare":
      return [expr.a, expr.b];
    case "select":
    case "guard":
      return [expr.condition, expr.a, expr.b];
    default:
      return expr satisfies never;
  }
}

function addressesOf(expr: Expr): readonly Address[] {
  return expr.kind === "load" || expr.kind === "index" ? [expr.address] : [];
}

/** Rewrites the expressions, addresses and stored buffers of a kernel's body; declarations of axes and locals stay. */
import type { Address, Expr, Stmt } from "../kernel/ir.ts";

export interface BodyMap {
  readonly expr: (x: Expr) => Expr;
  readonly address?: (address: Address) => Address;
  readonly buffer?: (buffer: number) => number;
}

export function mapBody(body: readonly Stmt[], map: BodyMap): readonly Stmt[] {
  const { expr, address = (a) => a, buffer = (b) => b } = map;
  return body.map((stmt): Stmt => {
    switch (stmt.kind) {
      case "let":
        return { ...stmt, value: expr(stmt.value) };
      case "store":
        return {
          ...stmt,
          buffer: buffer(stmt.buffer),
          address: address(stmt.address),
          value: expr(stmt.value),
        };
      case "loop":
      case "scan":
        return { ...stmt, body: mapBody(stmt.body, map) };
      case "contract":
        return { ...stmt, a: expr(stmt.a), b: expr(stmt.b) };
      case "reduce":
        return {
          ...stmt,
          lets: stmt.lets.map(({ local, value }) => ({ local, value: expr(value) })),
          init: stmt.init.map(expr),
          map: stmt.map.map(expr),
          combine: stmt.combine.map(expr),
        };
      default:
        return stmt satisfies never;
    }
  });
}

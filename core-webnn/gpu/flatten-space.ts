/**
 * Kernels with their space flattened: groups of axes replaced by one axis each.
 *
 * An invocation knows one number, its index. Addresses are rewritten in terms of it by algebra, so that
 * a kernel that goes through its tensors in order divides nothing (`floor(p / 6)*6 + mod(p, 6)` is p).
 */
import { axisAddress, delinearize, substituteAddress } from "../kernel/address.ts";
import type { Address, Axis, Kernel, Reduce, Stmt } from "../kernel/ir.ts";
import { substituteExpr, visitStmts } from "../kernel/visit.ts";
import { productOf } from "../util/size.ts";

export interface AxisGroup {
  /** What the one axis is called; must be new to the kernel. */
  readonly name: string;
  /** Outermost first. Every axis of the space is in one group. */
  readonly axes: readonly Axis[];
}

/** The kernel over one axis for each group, in order. A group without axes has extent 1. */
export function flattenSpace(kernel: Kernel, groups: readonly AxisGroup[]): Kernel {
  const space = groups.map(({ name, axes }) => ({
    name,
    extent: productOf(axes.map(({ extent }) => extent)),
  }));
  const by = new Map<string, Address>();
  groups.forEach(({ axes }, g) => {
    const shape = axes.map(({ extent }) => extent);
    const index = delinearize(axisAddress(space[g]!), shape);
    axes.forEach((axis, d) => by.set(axis.name, index[d]!));
  });
  return { ...kernel, space, body: kernel.body.map((stmt) => substituteStmt(stmt, by)) };
}

/** A name that no axis of the kernel has. */
export function newAxisName(kernel: Kernel, wanted: string): string {
  const taken = new Set<string>();
  const collect = (axes: readonly Axis[]): void => axes.forEach(({ name }) => taken.add(name));
  collect(kernel.space);
  visitStmts(kernel.body, (stmt) => {
    if (stmt.kind === "loop" || stmt.kind === "reduce") collect(stmt.axes);
    if (stmt.kind === "scan") collect([stmt.axis]);
    if (stmt.kind === "contract") collect(stmt.k);
  });
  let name = wanted;
  while (taken.has(name)) name += "_";
  return name;
}

/** The statement with axes replaced by addresses. */
export function substituteStmt(stmt: Stmt, axes: ReadonlyMap<string, Address>): Stmt {
  switch (stmt.kind) {
    case "let":
      return { ...stmt, value: substituteExpr(stmt.value, { axes }) };
    case "loop":
    case "scan":
      return { ...stmt, body: stmt.body.map((inner) => substituteStmt(inner, axes)) };
    case "reduce":
      return substituteReduce(stmt, axes);
    case "contract":
      return {
        ...stmt,
        a: substituteExpr(stmt.a, { axes }),
        b: substituteExpr(stmt.b, { axes }),
      };
    case "store":
      return {
        ...stmt,
        address: substituteAddress(stmt.address, axes),
        value: substituteExpr(stmt.value, { axes }),
      };
    default:
      return stmt satisfies never;
  }
}

function substituteReduce(stmt: Reduce, axes: ReadonlyMap<string, Address>): Reduce {
  const all = (exprs: Reduce["map"]): Reduce["map"] =>
    exprs.map((expr) => substituteExpr(expr, { axes }));
  return {
    ...stmt,
    lets: stmt.lets.map(({ local, value }) => ({ local, value: substituteExpr(value, { axes }) })),
    init: all(stmt.init),
    map: all(stmt.map),
    combine: all(stmt.combine),
  };
}

/**
 * Walking and rewriting of expressions and addresses. Rewriting goes through the constructors, so what
 * a replacement decides (a guard that now always holds) folds away; parts without a replacement stay
 * the same objects.
 */
import type { Size } from "../util/size.ts";
import {
  addAddress,
  floorDivAddress,
  maxAddress,
  minAddress,
  modAddress,
  mulAddress,
  valueAddress,
} from "./address-algebra.ts";
import { binary, cast, compare, guard, index, load, narrow, select, unary } from "./expr.ts";
import type { Address, Axis, BinaryOp, Expr, Kernel, Stmt, UnaryOp } from "./ir.ts";

export interface Substitution {
  /** By axis name. */
  readonly axes?: ReadonlyMap<string, Address>;
  /** By local name; the replacement is not rewritten again. */
  readonly locals?: ReadonlyMap<string, Expr>;
  readonly buffers?: (buffer: number) => number;
}

/** Replaces from the root down: where `replace` has an answer it stands, elsewhere the operands are mapped. */
export function mapExpr(expr: Expr, replace: (expr: Expr) => Expr | undefined): Expr {
  const onExpr = (x: Expr): Expr => replace(x) ?? rebuildExpr(x, onExpr, onAddress);
  const onAddress = (a: Address): Address => rebuildAddress(a, onExpr, onAddress);
  return onExpr(expr);
}

export function substituteExpr(expr: Expr, by: Substitution): Expr {
  const onExpr = (x: Expr): Expr => {
    if (x.kind === "local") return by.locals?.get(x.name) ?? x;
    if (x.kind === "load" && by.buffers !== undefined) {
      const [buffer, address] = [by.buffers(x.buffer), onAddress(x.address)];
      const isSame = buffer === x.buffer && address === x.address;
      return isSame ? x : load(x.type, buffer, address);
    }
    return rebuildExpr(x, onExpr, onAddress);
  };
  const onAddress = (a: Address): Address => {
    if (a.kind === "axis") return by.axes?.get(a.axis.name) ?? a;
    return rebuildAddress(a, onExpr, onAddress);
  };
  return onExpr(expr);
}

export function substituteAddress(address: Address, by: ReadonlyMap<string, Address>): Address {
  const onExpr = (x: Expr): Expr => rebuildExpr(x, onExpr, onAddress);
  const onAddress = (a: Address): Address => {
    if (a.kind === "axis") return by.get(a.axis.name) ?? a;
    return rebuildAddress(a, onExpr, onAddress);
  };
  return onAddress(address);
}

/** Names of the axes it mentions. */
export function axesOf(of: Expr | Address): ReadonlySet<string> {
  const names = new Set<string>();
  visitAddresses(of, (a) => a.kind === "axis" && names.add(a.axis.name));
  return names;
}

/** Every expression, operands after what they are operands of; also those inside addresses. */
export function visitExprs(of: Kernel | Stmt | Expr, callback: (expr: Expr) => void): void {
  walk(of, { expr: callback });
}

/** Every address and every part of one. */
export function visitAddresses(
  of: Kernel | Stmt | Expr | Address,
  callback: (address: Address) => void,
): void {
  walk(of, { address: callback });
}

/** Every statement, those inside others after them. */
export function visitStmts(body: readonly Stmt[], callback: (stmt: Stmt) => void): void {
  for (const stmt of body) {
    callback(stmt);
    if (stmt.kind === "loop" || stmt.kind === "scan") visitStmts(stmt.body, callback);
  }
}

/** Whether a kernel runs in steps, and so may read what it writes. */
export function hasScan({ body }: Pick<Kernel, "body">): boolean {
  return body.some(({ kind }) => kind === "scan");
}

/** Whether it loads from a buffer that its kernel writes. */
export function readsWritten(of: Stmt | Expr, { buffers }: Pick<Kernel, "buffers">): boolean {
  let found = false;
  visitExprs(of, (x) => (found ||= x.kind === "load" && buffers[x.buffer]?.access === "write"));
  return found;
}

/** Sizes where they stand: extents of axes as they are declared, and sizes in addresses. */
export function visitSizes(of: Kernel | Stmt, callback: (size: Size) => void): void {
  walk(of, {
    axis: ({ extent }) => callback(extent),
    address: (a) => a.kind === "size" && callback(a.size),
  });
}

/** Operations per evaluation, roughly; loads and their addresses count too. */
export function costOf(expr: Expr): number {
  let cost = 0;
  visitExprs(expr, (x) => (cost += operationCost(x)));
  return cost;
}

interface Visitor {
  readonly expr?: (expr: Expr) => unknown;
  readonly address?: (address: Address) => unknown;
  /** At its declaration. */
  readonly axis?: (axis: Axis) => unknown;
}

function walk(node: Kernel | Stmt | Expr | Address, visitor: Visitor): void {
  if ("space" in node) {
    declare(node.space, visitor);
    node.body.forEach((stmt) => walkStmt(stmt, visitor));
  } else if ("type" in node) {
    walkExpr(node, visitor);
  } else if (isStmt(node)) {
    walkStmt(node, visitor);
  } else {
    walkAddress(node, visitor);
  }
}

function isStmt(node: Stmt | Address): node is Stmt {
  return ["let", "loop", "scan", "reduce", "contract", "store"].includes(node.kind);
}

function declare(axes: readonly Axis[], visitor: Visitor): void {
  axes.forEach((axis) => visitor.axis?.(axis));
}

function walkStmt(stmt: Stmt, visitor: Visitor): void {
  const expr = (x: Expr): void => walkExpr(x, visitor);
  switch (stmt.kind) {
    case "let":
      return expr(stmt.value);
    case "store":
      walkAddress(stmt.address, visitor);
      return expr(stmt.value);
    case "loop":
      declare(stmt.axes, visitor);
      return stmt.body.forEach((inner) => walkStmt(inner, visitor));
    case "scan":
      declare([stmt.axis], visitor);
      return stmt.body.forEach((inner) => walkStmt(inner, visitor));
    case "reduce":
      stmt.init.forEach(expr);
      declare(stmt.axes, visitor);
      stmt.lets.forEach(({ value }) => expr(value));
      stmt.map.forEach(expr);
      return stmt.combine.forEach(expr);
    case "contract":
      declare(stmt.k, visitor);
      return [stmt.a, stmt.b].forEach(expr);
    default:
      return stmt satisfies never;
  }
}

function walkExpr(expr: Expr, visitor: Visitor): void {
  visitor.expr?.(expr);
  if (expr.kind === "load" || expr.kind === "index") walkAddress(expr.address, visitor);
  else operandsOf(expr).forEach((operand) => walkExpr(operand, visitor));
}

/** Without those inside addresses. */
export function operandsOf(expr: Expr): readonly Expr[] {
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

function walkAddress(address: Address, visitor: Visitor): void {
  visitor.address?.(address);
  if (address.kind === "value") return walkExpr(address.value, visitor);
  if (!("b" in address)) return;
  walkAddress(address.a, visitor);
  walkAddress(address.b, visitor);
}

type OnExpr = (expr: Expr) => Expr;
type OnAddress = (address: Address) => Address;

function rebuildExpr(expr: Expr, onExpr: OnExpr, onAddress: OnAddress): Expr {
  switch (expr.kind) {
    case "const":
    case "local":
      return expr;
    case "load":
    case "index": {
      const address = onAddress(expr.address);
      if (address === expr.address) return expr;
      return expr.kind === "load" ? load(expr.type, expr.buffer, address) : index(address);
    }
    default:
      return rebuildOperation(expr, onExpr);
  }
}

type Operation = Exclude<Expr, { readonly kind: "const" | "local" | "load" | "index" }>;

function rebuildOperation(expr: Operation, onExpr: OnExpr): Expr {
  const operands = operandsOf(expr);
  const rebuilt = operands.map(onExpr);
  if (rebuilt.every((x, i) => x === operands[i])) return expr;
  const [first, second, third] = rebuilt as [Expr, Expr, Expr];
  switch (expr.kind) {
    case "unary":
      return unary(expr.op, first);
    case "binary":
      return binary(expr.op, first, second);
    case "compare":
      return compare(expr.op, first, second);
    case "select":
      return select(first, second, third);
    case "guard":
      return guard(first, second, third);
    case "cast":
      return cast(expr.type, first);
    case "narrow":
      return narrow(expr.storage, first);
    default:
      return expr satisfies never;
  }
}

function rebuildAddress(address: Address, onExpr: OnExpr, onAddress: OnAddress): Address {
  switch (address.kind) {
    case "const":
    case "size":
      return address;
    case "axis":
      return address;
    case "value": {
      const value = onExpr(address.value);
      return value === address.value ? address : valueAddress(value);
    }
    default: {
      const [a, b] = [onAddress(address.a), onAddress(address.b)];
      const isSame = a === address.a && b === address.b;
      return isSame ? address : constructors[address.kind](a, b);
    }
  }
}

const constructors = {
  add: addAddress,
  mul: mulAddress,
  floorDiv: floorDivAddress,
  mod: modAddress,
  min: minAddress,
  max: maxAddress,
};

const heavyOps: Partial<Record<UnaryOp | BinaryOp, number>> = {
  sqrt: 4,
  div: 4,
  rem: 10,
  exp: 15,
  log: 15,
  sin: 15,
  cos: 15,
  tan: 20,
  tanh: 15,
  erf: 15,
  pow: 30,
};

function operationCost(expr: Expr): number {
  switch (expr.kind) {
    case "const":
    case "local":
    case "index":
      return 0;
    case "unary":
    case "binary":
      return heavyOps[expr.op] ?? 1;
    default:
      return 1;
  }
}

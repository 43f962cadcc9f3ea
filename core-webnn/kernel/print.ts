/**
 * Kernels as text: read in golden files, and the key by which equal kernels are found.
 *
 * Two kernels have equal text exactly when they are equal up to what no device can tell apart (the
 * grouping of a sum of addresses). Sizes inside addresses stand in braces, so that no size is taken
 * for an axis of the same name; a constant's suffix is its type.
 */
import { sizeKey } from "../util/size.ts";
import type {
  Address,
  Axis,
  BinaryOp,
  CompareOp,
  Contract,
  Expr,
  Kernel,
  Local,
  Reduce,
  Stmt,
  ValueType,
} from "./ir.ts";

export function printKernel(kernel: Kernel): string {
  const buffers = kernel.buffers.map(
    ({ access, dataType, elementCount }, i) =>
      `  b${i}: ${access} ${dataType}[${sizeKey(elementCount)}]`,
  );
  const body = kernel.body.flatMap(printStmt).map(indent);
  return [`kernel (${printAxes(kernel.space)})`, ...buffers, ...body].join("\n") + "\n";
}

export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case "const":
      return printConstant(expr.type, expr.value);
    case "local":
      return expr.name;
    case "load":
      return `b${expr.buffer}[${printAddress(expr.address)}]`;
    case "index":
      return `index(${printAddress(expr.address)})`;
    case "unary":
      return call(expr.op, expr.x);
    case "binary":
      return infix(binarySigns[expr.op] ?? expr.op, expr.a, expr.b);
    case "compare":
      return infix(compareSigns[expr.op], expr.a, expr.b);
    case "select":
    case "guard":
      return call(expr.kind, expr.condition, expr.a, expr.b);
    case "cast":
      return call(`cast<${expr.type}>`, expr.x);
    case "narrow":
      return call(`narrow<${expr.storage}>`, expr.x);
    default:
      return expr satisfies never;
  }
}

export function printAddress(address: Address): string {
  switch (address.kind) {
    case "const":
      return String(address.value);
    case "size":
      return `{${sizeKey(address.size)}}`;
    case "axis":
      return address.axis.name;
    case "add":
      return printSum(printAddress(address.a), printAddress(address.b));
    case "mul":
      return printProduct(address.a, address.b);
    case "floorDiv":
      return `floor(${printFactor(address.a)} / ${printDivisor(address.b)})`;
    case "mod":
    case "min":
    case "max":
      return `${address.kind}(${printAddress(address.a)}, ${printAddress(address.b)})`;
    case "value":
      return `value(${printExpr(address.value)})`;
    default:
      return address satisfies never;
  }
}

const binarySigns: Partial<Record<BinaryOp, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  rem: "%",
  bitAnd: "&",
  bitOr: "|",
  bitXor: "^",
  shiftLeft: "<<",
  shiftRight: ">>",
};

const compareSigns: Record<CompareOp, string> = {
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

const constantSuffixes: Record<ValueType, string> = {
  f32: "f",
  i32: "i",
  u32: "u",
  i64: "l",
  u64: "ul",
  bool: "",
};

function printConstant(type: ValueType, value: number | bigint): string {
  if (type === "bool") return value ? "true" : "false";
  return (Object.is(value, -0) ? "-0" : String(value)) + constantSuffixes[type];
}

function printStmt(stmt: Stmt): string[] {
  switch (stmt.kind) {
    case "let":
      return [printLet(stmt.local, stmt.value)];
    case "store":
      return [`b${stmt.buffer}[${printAddress(stmt.address)}] = ${printExpr(stmt.value)}`];
    case "loop":
      return [`loop (${printAxes(stmt.axes)})`, ...stmt.body.flatMap(printStmt).map(indent)];
    case "scan":
      return [`scan (${printAxes([stmt.axis])})`, ...stmt.body.flatMap(printStmt).map(indent)];
    case "reduce":
      return printReduce(stmt);
    case "contract":
      return printContract(stmt);
    default:
      return stmt satisfies never;
  }
}

function printReduce({ axes, lets, state, incoming, init, map, combine }: Reduce): string[] {
  const lines = [
    ...state.map((local, i) => `init ${printLocal(local)} = ${printExpr(init[i]!)}`),
    ...lets.map(({ local, value }) => printLet(local, value)),
    ...incoming.map((local, i) => `map ${printLocal(local)} = ${printExpr(map[i]!)}`),
    ...state.map((local, i) => `combine ${local.name} = ${printExpr(combine[i]!)}`),
  ];
  return [`reduce (${printAxes(axes)})`, ...lines.map(indent)];
}

function printContract({ m, n, k, a, b, accumulator }: Contract): string[] {
  const names = (axes: readonly Axis[]): string => axes.map((axis) => axis.name).join(", ");
  const over = `m (${names(m)}) n (${names(n)}) k (${printAxes(k)})`;
  const operands = [`a = ${printExpr(a)}`, `b = ${printExpr(b)}`];
  return [`contract ${printLocal(accumulator)} over ${over}`, ...operands.map(indent)];
}

function printLet(local: Local, value: Expr): string {
  return `let ${printLocal(local)} = ${printExpr(value)}`;
}

function printLocal({ name, type }: Local): string {
  return `${name}: ${type}`;
}

function printAxes(axes: readonly Axis[]): string {
  return axes.map(({ name, extent }) => `${name} < ${sizeKey(extent)}`).join(", ");
}

function printSum(a: string, b: string): string {
  return b.startsWith("-") ? `${a} - ${b.slice(1)}` : `${a} + ${b}`;
}

/** Canonical products have their constant or size last; it reads better first: `64*h`. */
function printProduct(a: Address, b: Address): string {
  const coefficientLast = b.kind === "const" || b.kind === "size";
  const [first, second] = coefficientLast ? [b, a] : [a, b];
  if (first.kind === "const" && first.value === -1) return `-${printFactor(second)}`;
  return `${printFactor(first)}*${printFactor(second)}`;
}

function printFactor(address: Address): string {
  const text = printAddress(address);
  return address.kind === "add" ? `(${text})` : text;
}

function printDivisor(address: Address): string {
  return address.kind === "mul" ? `(${printAddress(address)})` : printFactor(address);
}

function call(name: string, ...args: readonly Expr[]): string {
  return `${name}(${args.map(printExpr).join(", ")})`;
}

function infix(sign: string, a: Expr, b: Expr): string {
  if (/^\w/.test(sign)) return call(sign, a, b);
  return `(${printExpr(a)} ${sign} ${printExpr(b)})`;
}

function indent(line: string): string {
  return `  ${line}`;
}

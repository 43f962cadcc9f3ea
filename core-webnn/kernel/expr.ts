/**
 * Constructors of value expressions. They check types (a mismatch is a mistake of ours) and fold only
 * what IEEE 754 leaves unchanged: constant conditions, conversions of constants, comparisons of
 * addresses that their ranges decide.
 */
import type { StorageType } from "../util/data-type.ts";
import { unreachable } from "../util/unreachable.ts";
import { subtractAddress } from "./address-algebra.ts";
import { addressRange } from "./address-range.ts";
import { constant } from "./address-sum.ts";
import type { Address, BinaryOp, CompareOp, Expr, Local, UnaryOp, ValueType } from "./ir.ts";
import { printExpr } from "./print.ts";
import { castScalar, compareScalars, narrowScalar } from "./scalar.ts";

export function valueTypeOf(storage: StorageType): ValueType {
  return valueTypes[storage];
}

export function f32(x: number): Expr {
  return { kind: "const", type: "f32", value: Math.fround(x) };
}

export function i32(x: number): Expr {
  return { kind: "const", type: "i32", value: x | 0 };
}

export function u32(x: number): Expr {
  return { kind: "const", type: "u32", value: x >>> 0 };
}

export function i64(x: bigint): Expr {
  return { kind: "const", type: "i64", value: BigInt.asIntN(64, x) };
}

export function u64(x: bigint): Expr {
  return { kind: "const", type: "u64", value: BigInt.asUintN(64, x) };
}

export function bool(x: boolean): Expr {
  return { kind: "const", type: "bool", value: x ? 1 : 0 };
}

/** A constant of a type known as data: the value is converted as `cast` does. */
export function constantOf(type: ValueType, value: number | bigint): Expr {
  const from = typeof value === "bigint" ? "i64" : "f32";
  return { kind: "const", type, value: castScalar(from, type, value) };
}

export function local({ name, type }: Local): Expr {
  return { kind: "local", type, name };
}

export function load(type: ValueType, buffer: number, address: Address): Expr {
  return { kind: "load", type, buffer, address };
}

export function index(address: Address): Expr {
  if (address.kind === "const") return i32(address.value);
  if (address.kind === "value" && address.value.type === "i32") return address.value;
  return { kind: "index", type: "i32", address };
}

export function unary(op: UnaryOp, x: Expr): Expr {
  if (!unaryTypes[op].includes(x.type)) mistake(`${op} of ${x.type}`, x);
  if (op === "not" && x.kind === "const") return bool(!x.value);
  const type = op === "isNaN" || op === "isInfinite" ? "bool" : x.type;
  return { kind: "unary", type, op, x };
}

export function binary(op: BinaryOp, a: Expr, b: Expr): Expr {
  if (a.type !== b.type || !binaryTypes[op].includes(a.type)) {
    mistake(`${op} of ${a.type} and ${b.type}`, a, b);
  }
  const folded = foldLogic(op, a, b) ?? foldLogic(op, b, a);
  return folded ?? { kind: "binary", type: a.type, op, a, b };
}

export function compare(op: CompareOp, a: Expr, b: Expr): Expr {
  const isOrder = op !== "eq" && op !== "ne";
  if (a.type !== b.type || (isOrder && a.type === "bool")) {
    mistake(`${op} of ${a.type} and ${b.type}`, a, b);
  }
  const decided = decideComparison(op, a, b);
  if (decided !== undefined) return bool(decided);
  return { kind: "compare", type: "bool", op, a, b };
}

export function select(condition: Expr, a: Expr, b: Expr): Expr {
  return choose("select", condition, a, b);
}

export function guard(condition: Expr, a: Expr, b: Expr): Expr {
  return choose("guard", condition, a, b);
}

export function cast(type: ValueType, x: Expr): Expr {
  if (type === x.type) return x;
  if (x.kind === "const") return { kind: "const", type, value: castScalar(x.type, type, x.value) };
  return { kind: "cast", type, x };
}

export function narrow(storage: StorageType, x: Expr): Expr {
  if (valueTypes[storage] !== x.type) mistake(`narrow of ${x.type} to ${storage}`, x);
  if (isStoredWhole(storage)) return x;
  if (x.kind === "const") return { ...x, value: narrowScalar(storage, x.value) };
  return { kind: "narrow", type: x.type, storage, x };
}

/** Whether every value of its type survives a store and a load. */
export function isStoredWhole(storage: StorageType): boolean {
  return /32|64/.test(storage);
}

/** Operand types of each operation. */
const numbers: readonly ValueType[] = ["f32", "i32", "u32", "i64", "u64"];
const integers = numbers.slice(1);
const floats: readonly ValueType[] = ["f32"];
const bools: readonly ValueType[] = ["bool"];

export const unaryTypes: Readonly<Record<UnaryOp, readonly ValueType[]>> = {
  neg: numbers,
  abs: numbers,
  sign: numbers,
  floor: floats,
  ceil: floats,
  roundEven: floats,
  trunc: floats,
  sqrt: floats,
  exp: floats,
  log: floats,
  sin: floats,
  cos: floats,
  tan: floats,
  tanh: floats,
  erf: floats,
  not: bools,
  bitNot: integers,
  isNaN: floats,
  isInfinite: floats,
};

export const binaryTypes: Readonly<Record<BinaryOp, readonly ValueType[]>> = {
  add: numbers,
  sub: numbers,
  mul: numbers,
  div: numbers,
  rem: numbers,
  min: numbers,
  max: numbers,
  pow: numbers,
  and: bools,
  or: bools,
  xor: bools,
  bitAnd: integers,
  bitOr: integers,
  bitXor: integers,
  shiftLeft: integers,
  shiftRight: integers,
};

const valueTypes: Readonly<Record<StorageType, ValueType>> = {
  float32: "f32",
  float16: "f32",
  int32: "i32",
  uint32: "u32",
  int64: "i64",
  uint64: "u64",
  int8: "i32",
  uint8: "u32",
  int4: "i32",
  uint4: "u32",
};

function choose(kind: "select" | "guard", condition: Expr, a: Expr, b: Expr): Expr {
  if (condition.type !== "bool" || a.type !== b.type) {
    mistake(`${kind} by ${condition.type} of ${a.type} and ${b.type}`, condition, a, b);
  }
  if (condition.kind === "const") return condition.value ? a : b;
  return { kind, type: a.type, condition, a, b };
}

function foldLogic(op: BinaryOp, a: Expr, b: Expr): Expr | undefined {
  if (a.type !== "bool" || a.kind !== "const") return undefined;
  if (op === "and") return a.value ? b : a;
  if (op === "or") return a.value ? a : b;
  return a.value ? unary("not", b) : b;
}

function decideComparison(op: CompareOp, a: Expr, b: Expr): boolean | undefined {
  if (a.kind === "const" && b.kind === "const") return compareScalars(op, a.value, b.value);
  const [x, y] = [addressIn(a), addressIn(b)];
  if (x === undefined || y === undefined) return undefined;
  const [min, max] = addressRange(subtractAddress(x, y));
  // The difference compared with 0 at both ends: it is decided where a monotone answer agrees.
  if (op === "eq" || op === "ne") {
    if (min > 0 || max < 0) return op === "ne";
    return min === 0 && max === 0 ? op === "eq" : undefined;
  }
  const atMin = compareScalars(op, min, 0);
  return atMin === compareScalars(op, max, 0) ? atMin : undefined;
}

function addressIn(expr: Expr): Address | undefined {
  if (expr.kind === "index") return expr.address;
  return expr.kind === "const" && expr.type === "i32" ? constant(Number(expr.value)) : undefined;
}

function mistake(what: string, ...operands: readonly Expr[]): never {
  return unreachable(`${what}: ${operands.map(printExpr).join(", ")}`);
}

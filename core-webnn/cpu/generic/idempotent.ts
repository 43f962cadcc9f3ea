/**
 * Whether a reduction may start in several places at once: its initial state combined with itself must
 * be itself. That is found by evaluating it.
 */
import { constant } from "../../kernel/address.ts";
import { bufferView, interpret } from "../../kernel/interpret.ts";
import type { BufferUse, Expr, Reduce, Stmt, ValueType } from "../../kernel/ir.ts";
import { visitExprs } from "../../kernel/visit.ts";
import type { DataType } from "../../util/data-type.ts";
import { byteLengthOf } from "../../util/data-type.ts";

const storageTypes: Record<ValueType, DataType> = {
  f32: "float32",
  i32: "int32",
  u32: "uint32",
  i64: "int64",
  u64: "uint64",
  bool: "uint8",
};

export function isIdempotent(stmt: Reduce): boolean {
  if (!stmt.init.every(({ kind }) => kind === "const") || !isClosed(stmt)) return false;
  const combined = evaluate(stmt, stmt.combine);
  const initial = evaluate(stmt, stmt.init);
  return combined.every((bytes, i) => bytes.every((byte, j) => byte === initial[i]![j]));
}

/** Whether `combine` depends on nothing but the two states. */
function isClosed({ state, incoming, combine }: Reduce): boolean {
  const names = new Set([...state, ...incoming].map(({ name }) => name));
  let isFree = false;
  const onExpr = (x: Expr): void => {
    if (x.kind === "load" || x.kind === "index") isFree = true;
    if (x.kind === "local" && !names.has(x.name)) isFree = true;
  };
  combine.forEach((expr) => visitExprs(expr, onExpr));
  return !isFree;
}

/** The bytes of the values that the expressions have where both states are the initial one. */
function evaluate({ state, incoming, init }: Reduce, exprs: readonly Expr[]): Uint8Array[] {
  const lets = [...state, ...incoming].map((into, i): Stmt => {
    return { kind: "let", local: into, value: init[i % init.length]! };
  });
  const stores = exprs.map((value, buffer): Stmt => {
    return { kind: "store", buffer, address: constant(0), value };
  });
  const buffers = exprs.map(({ type }): BufferUse => {
    return { dataType: storageTypes[type], elementCount: 1, access: "write" };
  });
  const bytes = buffers.map(({ dataType }) => new Uint8Array(byteLengthOf(dataType, 1)));
  const views = buffers.map(({ dataType }, i) => bufferView(dataType, bytes[i]!));
  interpret({ buffers, space: [], body: [...lets, ...stores] }, views, {});
  return bytes;
}

/**
 * Bounds of integer expressions, from what they load: a decoded weight is small, and then the driver's own
 * conversion to float is exact. A bound that is not known is that of the type.
 */
import { addressRange } from "../kernel/address.ts";
import type { BinaryOp, Expr, ValueType } from "../kernel/ir.ts";
import { bitsPerElement, isUnsigned, type StorageType } from "../util/data-type.ts";

export type Range = readonly [min: number, max: number];

/** `storageOf` tells a buffer's data type. Floats are unbounded. */
export function integerRange(expr: Expr, storageOf: (buffer: number) => StorageType): Range {
  const range = (x: Expr): Range => integerRange(x, storageOf);
  switch (expr.kind) {
    case "const":
      return [Number(expr.value), Number(expr.value)];
    case "load":
      return storageRange(storageOf(expr.buffer));
    case "index":
      return within(expr.type, addressRange(expr.address));
    case "narrow":
      return storageRange(expr.storage);
    case "cast":
      return expr.x.type === "f32" ? typeRange(expr.type) : within(expr.type, range(expr.x));
    case "select":
    case "guard":
      return hull([...range(expr.a), ...range(expr.b)]);
    case "binary":
      return within(expr.type, binaryRange(expr.op, range(expr.a), range(expr.b)));
    default:
      return typeRange(expr.type);
  }
}

/** A result that leaves its type wraps, so it may be anything. */
function within(type: ValueType, [min, max]: Range): Range {
  const [least, most] = typeRange(type);
  return min >= least && max <= most ? [min, max] : [least, most];
}

function binaryRange(op: BinaryOp, [a, b]: Range, [c, d]: Range): Range {
  switch (op) {
    case "add":
      return [a + c, b + d];
    case "sub":
      return [a - d, b - c];
    case "mul":
      return hull([a * c, a * d, b * c, b * d]);
    case "min":
      return [Math.min(a, c), Math.min(b, d)];
    case "max":
      return [Math.max(a, c), Math.max(b, d)];
    default:
      return [-Infinity, Infinity];
  }
}

function hull(ends: readonly number[]): Range {
  return [Math.min(...ends), Math.max(...ends)];
}

function storageRange(storage: StorageType): Range {
  if (storage === "float32" || storage === "float16") return [-Infinity, Infinity];
  const bits = bitsPerElement(storage);
  return isUnsigned(storage) ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function typeRange(type: ValueType): Range {
  const storages = { i32: "int32", u32: "uint32", i64: "int64", u64: "uint64", f32: "float32" } as const; // prettier-ignore
  return type === "bool" ? [0, 1] : storageRange(storages[type]);
}

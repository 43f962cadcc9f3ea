/** Constants whose value a lowering may read. */
import type { Expr } from "../kernel/ir.ts";
import { constantOf, valueTypeOf } from "../kernel/expr.ts";
import { fromHalf } from "../util/half.ts";
import type { Value } from "../graph/ir.ts";
import type { StorageType } from "../util/data-type.ts";

/**
 * The value of a scalar constant if it is worth a place in the code: 0, 0.5, -1, 2, infinities.
 * Others (a layer's scale) stay in memory, or layers that differ in nothing else would not share code.
 */
export function shortConstant(value: Value): Expr | undefined {
  const type = valueTypeOf(value.dataType);
  if (value.from.kind === "literal") return constantOf(type, value.from.value);
  const known = scalarOf(value);
  if (known === undefined || !isShort(Number(known))) return undefined;
  return constantOf(type, known);
}

/** The value of a constant of one element that the graph has inline. */
export function scalarOf({ dataType, from, shape }: Value): number | bigint | undefined {
  if (from.kind === "literal") return from.value;
  if (from.kind !== "constant" || !from.inline || shape.some((size) => size !== 1))
    return undefined;
  const { buffer, byteOffset, byteLength } = from.inline;
  return readers[dataType]?.(new DataView(buffer, byteOffset, byteLength));
}

const readers: Partial<Record<StorageType, (view: DataView) => number | bigint>> = {
  float32: (view) => view.getFloat32(0, true),
  float16: (view) => fromHalf(view.getUint16(0, true)),
  int32: (view) => view.getInt32(0, true),
  uint32: (view) => view.getUint32(0, true),
  int64: (view) => view.getBigInt64(0, true),
  uint64: (view) => view.getBigUint64(0, true),
  int8: (view) => view.getInt8(0),
  uint8: (view) => view.getUint8(0),
};

/** At most four significant bits: every power of two, 3, 0.5, 10 … */
function isShort(x: number): boolean {
  if (x === 0 || !Number.isFinite(x)) return true;
  const mantissa = Math.abs(x) / 2 ** Math.floor(Math.log2(Math.abs(x)));
  return Number.isInteger(mantissa * 8);
}

/** A zero in the type that elements have when loaded: stands for an element where only the address matters. */
export function zeroOf(dataType: StorageType): Expr {
  const type = valueTypeOf(dataType);
  return constantOf(type, type === "i64" || type === "u64" ? 0n : 0);
}

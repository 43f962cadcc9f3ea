/** Constants whose value a lowering may read. */
import type { Expr } from "../kernel/ir.ts";
import { constantOf, valueTypeOf } from "../kernel/expr.ts";
import { fromHalf } from "../util/half.ts";
import type { Value } from "../graph/ir.ts";
import { byteLengthOf, type StorageType } from "../util/data-type.ts";

/**
 * The value of a constant of equal elements if it is worth a place in the code: 0, 0.5, -1, 2, infinities.
 * Others (a layer's scale) stay in memory, or layers that differ in nothing else would not share code.
 */
export function shortConstant(value: Value): Expr | undefined {
  const type = valueTypeOf(value.dataType);
  if (value.from.kind === "literal") return constantOf(type, value.from.value);
  const known = scalarOf(value);
  if (known === undefined || !isShort(Number(known))) return undefined;
  return constantOf(type, known);
}

/** The value that all elements of a constant have which the graph has inline (zero points of all columns, most often). */
export function scalarOf({ dataType, from }: Value): number | bigint | undefined {
  if (from.kind === "literal") return from.value;
  const read = readers[dataType];
  if (from.kind !== "constant" || !from.inline || read === undefined) return undefined;
  const { buffer, byteOffset, byteLength } = from.inline;
  const view = new DataView(buffer, byteOffset, byteLength);
  const first = read(view, 0);
  for (let at = 0; at < byteLength; at += byteLengthOf(dataType, 1)) {
    if (!Object.is(read(view, at), first)) return undefined;
  }
  return first;
}

const readers: Partial<Record<StorageType, (view: DataView, at: number) => number | bigint>> = {
  float32: (view, at) => view.getFloat32(at, true),
  float16: (view, at) => fromHalf(view.getUint16(at, true)),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int64: (view, at) => view.getBigInt64(at, true),
  uint64: (view, at) => view.getBigUint64(at, true),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
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

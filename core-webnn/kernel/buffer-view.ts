/** Buffers of the interpreter: typed arrays over bytes, and elements of each storage type. */
import type { StorageType } from "../util/data-type.ts";
import { fromHalf, toHalf } from "../util/half.ts";
import { unreachable } from "../util/unreachable.ts";
import type { Scalar } from "./scalar.ts";

export type TypedArrayLike =
  | Float32Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Int8Array
  | Uint8Array;

/** Bytes as elements: halves as Uint16Array of their bits, int4 and uint4 as Uint8Array of pairs. */
export function bufferView(storage: StorageType, bytes: ArrayBuffer | Uint8Array): TypedArrayLike {
  const View = views[storage];
  if (bytes instanceof ArrayBuffer) return new View(bytes);
  const { buffer, byteOffset, byteLength } = bytes;
  return new View(buffer, byteOffset, byteLength / View.BYTES_PER_ELEMENT);
}

/** Elements that fit in a view: two 4-bit ones in a byte. */
export function capacityOf(storage: StorageType, view: TypedArrayLike): number {
  return storage === "int4" || storage === "uint4" ? view.length * 2 : view.length;
}

/** Reads an element and widens it. */
export function elementReader(storage: StorageType, view: TypedArrayLike): (i: number) => Scalar {
  const nibble = (i: number): number => Number(view[i >> 1]!) >> (i % 2 === 0 ? 0 : 4);
  if (storage === "float16") return (i) => fromHalf(Number(view[i]!));
  if (storage === "int4") return (i) => (nibble(i) << 28) >> 28;
  if (storage === "uint4") return (i) => nibble(i) & 0xf;
  return (i) => view[i]!;
}

/** Narrows a value and writes it; typed arrays drop high bits as the IR asks. */
export function elementWriter(
  storage: StorageType,
  view: TypedArrayLike,
): (i: number, x: Scalar) => void {
  if (storage === "int4" || storage === "uint4") return unreachable(`a store to ${storage}`);
  if (storage === "float16") return (i, x) => (view[i] = toHalf(Number(x)));
  return (i, x) => (view[i] = x);
}

interface ViewConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArrayLike;
}

const views: Record<StorageType, ViewConstructor> = {
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int4: Uint8Array,
  uint4: Uint8Array,
};

/**
 * Tensors that the host computes with exactly: any numeric type and any number of elements. What
 * shapes are computed with is `host-tensor.ts`.
 */
import { OnnxModelError } from "../errors.ts";
import { elementBytes, type ElementType } from "../model/element-type.ts";
import { elementCount } from "../model/model.ts";
import { bitsOfFloat, floatOfBits, isSmallFloat, type SmallFloat } from "./small-float.ts";

export type NumericArray =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

export interface HostArray {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /**
   * Values, row-major: floats of 16 bits and less as float32 (already rounded to their type), bool as 0 or 1, integers
   * of 4 bits as bytes.
   */
  readonly data: NumericArray;
  /** Axes along which elements of the inputs decide how many there are: graphs know these sizes by names. */
  readonly varying?: readonly number[];
}

/** Arrays of values; where the type is stored otherwise, `bytesOfArray` packs them. */
const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Float32Array,
  bfloat16: Float32Array,
  float8e4m3fn: Float32Array,
  float8e4m3fnuz: Float32Array,
  float8e5m2: Float32Array,
  float8e5m2fnuz: Float32Array,
  float4e2m1: Float32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  int4: Int8Array,
  uint4: Uint8Array,
} as const;

type ComputableType = keyof typeof arrays;

/** Whether the host can compute with elements of a type. */
export function isComputable(type: ElementType): type is ComputableType {
  return type in arrays;
}

function arrayKind(type: ElementType): (typeof arrays)[ComputableType] {
  if (isComputable(type)) return arrays[type];
  throw new OnnxModelError("unsupported", `data of type ${type} on the host`);
}

/** More bytes than any typed array has: sizes that a model asks for are checked before memory is taken. */
const maxArrayBytes = 2 ** 33;

/** An array of zeros; its data may be written. */
export function makeArray(type: ElementType, shape: readonly number[]): HostArray {
  const ArrayOf = arrayKind(type);
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`the shape [${shape.join(", ")}] is none that a tensor can have`);
  }
  const byteLength = count * ArrayOf.BYTES_PER_ELEMENT;
  if (byteLength > maxArrayBytes) {
    throw new RangeError(
      `${type} [${shape.join(", ")}] asks for ${byteLength} bytes, the limit is ${maxArrayBytes}`,
    );
  }
  return { type, shape, data: new ArrayOf(count) };
}

/** The array of little-endian bytes as tensors have them; it may be a view of them. */
export function arrayOfBytes(
  type: ElementType,
  shape: readonly number[],
  bytes: Uint8Array,
): HostArray {
  const ArrayOf = arrayKind(type);
  const count = elementCount(shape);
  const expected = elementBytes(type, count)!;
  if (bytes.length !== expected) {
    throw new RangeError(
      `${bytes.length} bytes for ${type} [${shape.join(", ")}], expected ${expected}`,
    );
  }
  if (isNibbles(type)) return unpackNibbles(type, shape, bytes);
  if (isSmallFloat(type)) return unpackFloats(type, shape, bytes);
  const isAligned = bytes.byteOffset % ArrayOf.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isAligned ? bytes : bytes.slice();
  return { type, shape, data: new ArrayOf(buffer as ArrayBuffer, byteOffset, count) };
}

/** Little-endian bytes as tensors have them; they may be a view of the array's. */
export function bytesOfArray({ type, data }: HostArray): Uint8Array {
  if (isNibbles(type)) return packNibbles(type, data);
  if (isSmallFloat(type)) return packFloats(type, data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Types of which two elements share a byte, the first in its lower half. */
function isNibbles(type: ElementType): type is "int4" | "uint4" | "float4e2m1" {
  return type === "int4" || type === "uint4" || type === "float4e2m1";
}

function unpackNibbles(
  type: "int4" | "uint4" | "float4e2m1",
  shape: readonly number[],
  bytes: Uint8Array,
): HostArray {
  const data = new arrays[type](elementCount(shape));
  for (let i = 0; i < data.length; i++) {
    const bits = (bytes[i >> 1]! >> ((i & 1) * 4)) & 0xf;
    if (type === "float4e2m1") data[i] = floatOfBits(type, bits);
    else data[i] = type === "int4" && bits > 7 ? bits - 16 : bits;
  }
  return { type, shape, data };
}

function packNibbles(type: "int4" | "uint4" | "float4e2m1", data: NumericArray): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(data.length / 2));
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    const bits = type === "float4e2m1" ? bitsOfFloat(type, value) : value & 0xf;
    bytes[i >> 1]! |= bits << ((i & 1) * 4);
  }
  return bytes;
}

function unpackFloats(type: SmallFloat, shape: readonly number[], bytes: Uint8Array): HostArray {
  const data = new Float32Array(elementCount(shape));
  const isWide = bytes.length === 2 * data.length;
  for (let i = 0; i < data.length; i++) {
    const bits = isWide ? bytes[2 * i]! | (bytes[2 * i + 1]! << 8) : bytes[i]!;
    data[i] = floatOfBits(type, bits);
  }
  return { type, shape, data };
}

function packFloats(type: SmallFloat, data: NumericArray): Uint8Array {
  const byteLength = elementBytes(type, data.length)!;
  const bits =
    byteLength === data.length ? new Uint8Array(data.length) : new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) bits[i] = bitsOfFloat(type, data[i] as number);
  return new Uint8Array(bits.buffer);
}

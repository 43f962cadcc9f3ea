/** Operand and tensor descriptors: their conversion, the spec's "check dimensions", and buffers that match them. */
import { check } from "../ops/shapes.ts";
import { byteLengthOf, storageTypes, type StorageType } from "../util/data-type.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { formatShape, productOf, type NamedSize, type Size } from "../util/size.ts";
import {
  requiredMember,
  toDictionary,
  toEnum,
  toSequence,
  toSize,
  toUnsignedLong,
} from "./webidl.ts";

/** No device limits ranks; this bounds what a builder accepts and what opSupportLimits says. */
export const maxRank = 8;

/** int4 and uint4 are an extension, for quantizeLinear and dequantizeLinear. */
export type MLOperandDataType = StorageType;

/** Numbers in the standard; named sizes are an extension (see `extensions`). */
export type MLDimension = Size | NamedSize;

export interface MLOperandDescriptor<D = number> {
  readonly dataType: MLOperandDataType;
  readonly shape: Iterable<D>;
}

export interface MLTensorDescriptor extends MLOperandDescriptor {
  readonly readable?: boolean;
  readonly writable?: boolean;
}

/** A descriptor that was checked. */
export interface Checked<D extends Size = Size> {
  readonly dataType: StorageType;
  readonly shape: readonly D[];
}

export function toDescriptor<D extends Size>(
  value: unknown,
  toDimension: (item: unknown, what: string) => D,
  what: string,
): Checked<D> {
  const dictionary = toDictionary(value, what);
  const dataType = requiredMember(dictionary, "dataType", what);
  const type = toEnum(dataType, storageTypes, `${what}.dataType`);
  const shape = requiredMember(dictionary, "shape", what);
  return {
    dataType: type,
    shape: Object.freeze(toSequence(shape, toDimension, `${what}.shape`)),
  };
}

export function toOperandDescriptor(value: unknown, what: string): Checked {
  return toDescriptor(value, toSize, what);
}

export function toNumberDescriptor(value: unknown, what: string): Checked<number> {
  return toDescriptor(value, toUnsignedLong, what);
}

export function toTensorDescriptor(
  value: unknown,
  what: string,
): Checked<number> & { readonly readable: boolean; readonly writable: boolean } {
  // WebIDL reads inherited members first.
  const inherited = toNumberDescriptor(value, what);
  const { readable, writable } = toDictionary(value, what);
  return { ...inherited, readable: Boolean(readable), writable: Boolean(writable) };
}

/** https://www.w3.org/TR/webnn/#mloperanddescriptor-check-dimensions, as far as numbers decide it. */
export function checkDescriptor(
  { dataType, shape }: Checked,
  facts: DeviceFacts,
  what: string,
): void {
  const offered = facts.dataTypes;
  check(offered.includes(dataType), `${what} is ${dataType}, not one of ${offered.join(", ")}`);
  check(shape.length <= maxRank, `${what} has rank ${shape.length}, more than ${maxRank}`);
  shape.forEach((size, d) => {
    const isValid = typeof size !== "number" || isDimension(size);
    check(isValid, `${what} has size ${String(size)} in dimension ${d}, not 1 to ${longest}`);
  });
  const count = productOf(shape);
  if (typeof count !== "number") return;
  check(count <= longest, `${what} ${formatShape(shape)} has ${count} elements, over ${longest}`);
  const bytes = byteLengthOf(dataType, count);
  const limit = facts.maxTensorByteLength;
  check(bytes <= limit, `${what} ${formatShape(shape)} takes ${bytes} bytes, over ${limit}`);
}

export function byteLengthOfShape({ dataType, shape }: Checked<number>): number {
  return byteLengthOf(
    dataType,
    shape.reduce((count, size) => count * size, 1),
  );
}

/** https://www.w3.org/TR/webnn/#validate-buffer-with-descriptor; gives the buffer's bytes, not a copy. A buffer that was detached has none. */
export function bytesFor(buffer: unknown, descriptor: Checked<number>, what: string): Uint8Array {
  const bytes = toBufferSource(buffer, what);
  const expected = byteLengthOfShape(descriptor);
  const { dataType, shape } = descriptor;
  const operand = `${dataType}${formatShape(shape)}`;
  const length = `${bytes.byteLength} bytes${bytes.byteLength === 0 ? ", as one that is detached" : ""}`;
  check(bytes.byteLength === expected, `${what} has ${length}, not the ${expected} of ${operand}`);
  const view = viewName(buffer);
  const isMatch = view === undefined || view === "Uint8Array" || viewNames[dataType].includes(view);
  check(isMatch, `${what} is a ${view}, which does not hold ${dataType}`);
  return bytes;
}

/**
 * Where `readTensor` writes to. Beyond the standard, which takes a Uint8Array for a slice of any memory: compiled C++
 * names the bytes of its heap by an Int8Array (onnxruntime-web does), and browsers write into it.
 */
export function outputBytesFor(
  buffer: unknown,
  descriptor: Checked<number>,
  what: string,
): Uint8Array {
  const isBytes = viewName(buffer) === "Int8Array" && isSlice(buffer as Int8Array);
  return bytesFor(isBytes ? toBufferSource(buffer, what) : buffer, descriptor, what);
}

/** Float16Array is young: its bits may come in a Uint16Array. */
const viewNames: Readonly<Record<StorageType, readonly string[]>> = {
  float32: ["Float32Array"],
  float16: ["Float16Array", "Uint16Array"],
  int32: ["Int32Array"],
  uint32: ["Uint32Array"],
  int64: ["BigInt64Array"],
  uint64: ["BigUint64Array"],
  int8: ["Int8Array"],
  uint8: ["Uint8Array"],
  int4: ["Int8Array"],
  uint4: ["Uint8Array"],
};

const longest = 2 ** 31 - 1;

function isDimension(size: number): boolean {
  return Number.isInteger(size) && size >= 1 && size <= longest;
}

/** The bytes of an AllowSharedBufferSource, not a copy. WebIDL refuses what may be resized. */
export function toBufferSource(source: unknown, what: string): Uint8Array {
  const buffer = ArrayBuffer.isView(source) ? source.buffer : source;
  if (!isBuffer(buffer)) {
    throw new TypeError(`${what} is not an ArrayBuffer, a SharedArrayBuffer or a view of one`);
  }
  const { resizable, growable } = buffer as { resizable?: boolean; growable?: boolean };
  check(resizable !== true && growable !== true, `${what} is in a buffer that may be resized`);
  const { byteOffset, byteLength } = ArrayBuffer.isView(source)
    ? source
    : { byteOffset: 0, byteLength: buffer.byteLength };
  // No view of a detached buffer can be made.
  return byteLength === 0 ? new Uint8Array() : new Uint8Array(buffer, byteOffset, byteLength);
}

function isSlice({ byteLength, buffer }: ArrayBufferView): boolean {
  return byteLength < buffer.byteLength;
}

function isBuffer(value: unknown): value is ArrayBuffer | SharedArrayBuffer {
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
}

/** By its tag, so that views of other realms, and subclasses such as Node's Buffer, count too. */
function viewName(buffer: unknown): string | undefined {
  return ArrayBuffer.isView(buffer)
    ? ((Reflect.get(buffer, Symbol.toStringTag) as string | undefined) ?? "DataView")
    : undefined;
}

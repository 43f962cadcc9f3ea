/**
 * TensorProto → Constant. Raw data stay a view of the file; typed fields are packed into bytes.
 *
 * The number of bytes must be what type and shape ask for: that is checked before memory is taken.
 */
import { OnnxModelError } from "../errors.ts";
import { elementBytes, elementTypeOf, type ElementType } from "./element-type.ts";
import { elementCount, smallConstant, type Constant } from "./model.ts";
import {
  eachField,
  readBigInteger,
  readBytes,
  readInteger,
  readRepeated,
  readSubmessage,
  readText,
  type Message,
} from "./wire.ts";

/** Bytes of the files that hold external data, by the path that the model gives. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/** What a tensor says of itself before its data are looked at. */
interface TensorFields {
  name: string;
  type: number;
  readonly shape: number[];
  raw: Uint8Array | undefined;
  readonly floats: number[];
  readonly doubles: number[];
  readonly integers: number[];
  readonly bigIntegers: bigint[];
  readonly external: Map<string, string>;
  isExternal: boolean;
}

export function readTensor(message: Message, files: ExternalFiles): Constant {
  const fields = readFields(message);
  const name = fields.name;
  const where = name === "" ? message.path : `${message.path}, tensor '${name}'`;
  const type = elementTypeOf(fields.type);
  if (type === undefined) {
    throw malformed(where, `data type ${fields.type}`, "one of ONNX's data types");
  }
  if (fields.shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw malformed(where, `shape [${fields.shape.join(", ")}]`, "sizes of 0 or more");
  }
  const count = elementCount(fields.shape);
  const expected = elementBytes(type, count);
  if (expected === undefined) {
    // Strings cannot be computed with; the model may still run if nothing uses them.
    return { name, type, shape: fields.shape, bytes: new Uint8Array(0) };
  }
  const bytes = bytesOf(fields, type, count, where, files);
  if (bytes.length !== expected) {
    throw malformed(
      where,
      `${bytes.length} bytes of data`,
      `${expected} bytes for ${type} [${fields.shape.join(", ")}]`,
    );
  }
  // A copy of what is small, so that small constants do not keep the whole file in memory.
  const kept = expected <= smallConstant ? bytes.slice() : bytes;
  return { name, type, shape: fields.shape, bytes: kept };
}

function readFields(message: Message): TensorFields {
  const { reader } = message;
  const fields: TensorFields = {
    name: "",
    type: 0,
    shape: [],
    raw: undefined,
    floats: [],
    doubles: [],
    integers: [],
    bigIntegers: [],
    external: new Map(),
    isExternal: false,
  };
  eachField(message, (field) => {
    if (field === 1) readRepeated(message, fields.shape, readInteger);
    else if (field === 2) fields.type = readInteger(message);
    else if (field === 4) readRepeated(message, fields.floats, () => reader.readFloat());
    else if (field === 5) readRepeated(message, fields.integers, readInteger);
    else if (field === 7 || field === 11) readRepeated(message, fields.bigIntegers, readBigInteger);
    else if (field === 8) fields.name = readText(message);
    else if (field === 9) fields.raw = readBytes(message);
    else if (field === 10) readRepeated(message, fields.doubles, () => reader.readDouble());
    else if (field === 13) readEntry(message, fields.external);
    else if (field === 14) fields.isExternal = readInteger(message) === 1;
  });
  return fields;
}

function readEntry(message: Message, into: Map<string, string>): void {
  readSubmessage(message, `${message.path}, external data`, (entry) => {
    let key = "";
    let value = "";
    eachField(entry, (field) => {
      if (field === 1) key = readText(entry);
      else if (field === 2) value = readText(entry);
    });
    into.set(key, value);
  });
}

function bytesOf(
  fields: TensorFields,
  type: ElementType,
  count: number,
  where: string,
  files: ExternalFiles,
): Uint8Array {
  if (fields.isExternal) return externalBytes(fields.external, where, files);
  if (fields.raw !== undefined) return fields.raw;
  return packed(fields, type, count, where);
}

function externalBytes(
  external: ReadonlyMap<string, string>,
  where: string,
  files: ExternalFiles,
): Uint8Array {
  const path = normalisePath(external.get("location") ?? "");
  const file = files.get(path);
  if (file === undefined) {
    throw new OnnxModelError(
      "external-data-missing",
      `${where}: its data are in the file '${path}', which was not given in sessionOptions.externalData`,
    );
  }
  const offset = Number(external.get("offset") ?? 0);
  const length = Number(external.get("length") ?? file.length - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= file.length)) {
    throw new OnnxModelError(
      "truncated",
      `${where}: its data are bytes ${offset} to ${offset + length} of '${path}', which has ${file.length} bytes`,
    );
  }
  return file.subarray(offset, offset + length);
}

/** "./model.onnx_data" and "model.onnx_data" are one file. */
export function normalisePath(path: string): string {
  return path.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
}

/** Typed fields as little-endian bytes. Types of 4, 8 and 16 bits are kept in int32_data. */
function packed(fields: TensorFields, type: ElementType, count: number, where: string): Uint8Array {
  const { floats, doubles, integers, bigIntegers } = fields;
  const byType: Partial<Record<ElementType, readonly (number | bigint)[]>> = {
    float32: floats,
    float64: doubles,
    int64: bigIntegers,
    uint64: bigIntegers,
    uint32: bigIntegers,
  };
  const values = byType[type] ?? integers;
  // 4-bit elements come two to an int32.
  const isNibbles = type === "int4" || type === "uint4";
  const expected = isNibbles ? Math.ceil(count / 2) : count;
  if (values.length !== expected) {
    throw malformed(where, `${values.length} elements`, `${expected} for ${type}`);
  }
  switch (type) {
    case "float32":
      return bytesView(Float32Array.from(values as number[]));
    case "float64":
      return bytesView(Float64Array.from(values as number[]));
    case "int64":
      return bytesView(BigInt64Array.from(values as bigint[]));
    case "uint64":
      return bytesView(BigUint64Array.from(values as bigint[]));
    case "uint32":
      return bytesView(Uint32Array.from((values as bigint[]).map(Number)));
    case "int32":
      return bytesView(Int32Array.from(values as number[]));
    case "int16":
    case "uint16":
    case "float16":
    case "bfloat16":
      return bytesView(Uint16Array.from(values as number[]));
    case "int8":
    case "uint8":
    case "bool":
    case "int4":
    case "uint4":
      return Uint8Array.from(values as number[]);
    default:
      throw malformed(where, `typed data of type ${type}`, "raw data");
  }
}

function bytesView(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function malformed(where: string, found: string, expected: string): OnnxModelError {
  return new OnnxModelError("malformed", `${where}: found ${found}, expected ${expected}`);
}

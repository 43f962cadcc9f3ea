/** Results against what is expected, as ONNX's own runner of these cases compares: |ours − theirs| ≤ 1e-7 + 1e-3 |theirs|. */
import { tensorTypeOf } from "../../adapters/onnxruntime/session/element-arrays.ts";
import type { Constant } from "../../adapters/onnxruntime/model/model.ts";
import { elementCount } from "../../adapters/onnxruntime/model/model.ts";
import type { ElementType } from "../../adapters/onnxruntime/model/element-type.ts";

const relative = 1e-3;
const absolute = 1e-7;

export interface Value {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** What differs, or undefined. */
export function difference(actual: Value, expected: Constant): string | undefined {
  const { type, shape } = expected;
  const described = `${actual.type} [${actual.dims.join(", ")}]`;
  const wanted = `${tensorTypeOf(type)} [${shape.join(", ")}]`;
  if (described !== wanted) return `${described}, expected ${wanted}`;
  const ours = elementsOf(type, actual.data as ArrayBufferView);
  const theirs = elementsOf(type, expected.bytes!);
  const count = elementCount(shape);
  for (let i = 0; i < count; i++) {
    if (!isClose(ours(i), theirs(i))) return `element ${i}: ${ours(i)}, expected ${theirs(i)}`;
  }
  return undefined;
}

function isClose(a: number | bigint, b: number | bigint): boolean {
  if (typeof a === "bigint" || typeof b === "bigint") return a === b;
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= absolute + relative * Math.abs(b);
}

/** Reads one element of little-endian bytes. */
function elementsOf(type: ElementType, array: ArrayBufferView): (i: number) => number | bigint {
  const view = new DataView(array.buffer, array.byteOffset, array.byteLength);
  switch (type) {
    case "float32":
      return (i) => view.getFloat32(i * 4, true);
    case "float64":
      return (i) => view.getFloat64(i * 8, true);
    case "float16":
      return (i) => halfToNumber(view.getUint16(i * 2, true));
    case "bfloat16":
      return (i) => bfloatToNumber(view.getUint16(i * 2, true));
    case "int64":
      return (i) => view.getBigInt64(i * 8, true);
    case "uint64":
      return (i) => view.getBigUint64(i * 8, true);
    case "int32":
      return (i) => view.getInt32(i * 4, true);
    case "uint32":
      return (i) => view.getUint32(i * 4, true);
    case "int16":
      return (i) => view.getInt16(i * 2, true);
    case "uint16":
      return (i) => view.getUint16(i * 2, true);
    case "int8":
      return (i) => view.getInt8(i);
    case "uint8":
    case "bool":
      return (i) => view.getUint8(i);
    default:
      throw new TypeError(`no case has results of type ${type}`);
  }
}

function halfToNumber(bits: number): number {
  const sign = bits >>> 15 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)); // prettier-ignore
}

function bfloatToNumber(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}

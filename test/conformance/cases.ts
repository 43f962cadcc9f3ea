/**
 * The operator cases of the web platform tests, as data in `../shared/data/conformance`: turning their numbers
 * into bytes, and comparing. See the README there for the encoding. Pages import this: nothing of Node's here.
 */
import { bufferView, elementReader, elementWriter } from "../../core-webnn/kernel/buffer-view.ts";
import { byteLengthOf, type StorageType } from "../../core-webnn/util/data-type.ts";
import { toHalf } from "../../core-webnn/util/half.ts";

export type Scalar = number | bigint;
type Encoded = number | string;

export interface CaseTensor {
  readonly dataType: StorageType;
  readonly shape: readonly number[];
  readonly constant?: boolean;
  readonly data: Encoded | readonly Encoded[];
}

export interface CaseOperator {
  readonly name: string;
  readonly arguments: readonly Readonly<Record<string, unknown>>[];
  readonly outputs: string | readonly string[];
}

export interface Case {
  readonly op: string;
  readonly name: string;
  readonly required: boolean;
  readonly tolerance: { readonly metricType: "ULP" | "ATOL"; readonly value: Encoded };
  readonly graph: {
    readonly inputs: Readonly<Record<string, CaseTensor>>;
    readonly operators: readonly CaseOperator[];
    readonly expectedOutputs: Readonly<Record<string, CaseTensor>>;
  };
}

export function decodeNumber(x: Encoded): Scalar {
  if (typeof x === "number") return x;
  return x.endsWith("n") ? BigInt(x.slice(0, -1)) : Number(x);
}

export function elementCountOf(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

export function bytesOf({ dataType, shape, data }: CaseTensor): Uint8Array<ArrayBuffer> {
  const count = elementCountOf(shape);
  const bytes = new Uint8Array(byteLengthOf(dataType, count));
  const at = (i: number): Scalar => decodeNumber(Array.isArray(data) ? data[i] : data);
  if (dataType === "int4" || dataType === "uint4") {
    for (let i = 0; i < count; i++) bytes[i >> 1]! |= (Number(at(i)) & 15) << ((i % 2) * 4);
    return bytes;
  }
  const isWide = dataType === "int64" || dataType === "uint64";
  const write = elementWriter(dataType, bufferView(dataType, bytes));
  for (let i = 0; i < count; i++) write(i, isWide ? BigInt(at(i)) : Number(at(i)));
  return bytes;
}

/** What differs beyond the case's tolerance, or undefined. A tensor given by one number is compared in its first 1,000 elements. */
export function difference(
  expected: CaseTensor,
  actual: Uint8Array,
  { metricType, value }: Case["tolerance"],
): string | undefined {
  const { dataType, shape, data } = expected;
  const read = elementReader(dataType, bufferView(dataType, actual));
  const count = Array.isArray(data) ? data.length : Math.min(1000, elementCountOf(shape));
  for (let i = 0; i < count; i++) {
    const [x, y] = [read(i), decodeNumber(Array.isArray(data) ? data[i] : data)];
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    const distance =
      metricType === "ULP" ? ulpDistance(dataType, x, y) : Math.abs(Number(x) - Number(y));
    if (!(distance <= decodeNumber(value))) {
      return `[${i}] is ${x}, not ${y}: ${distance} is more than ${value} ${metricType}`;
    }
  }
  return undefined;
}

/** Distance of the bits; +0 and -0 are equal. */
function ulpDistance(dataType: StorageType, x: Scalar, y: Scalar): Scalar {
  if (Number.isNaN(x) || Number.isNaN(y)) return Infinity;
  const distance = ordinal(dataType, x) - ordinal(dataType, y);
  return distance < 0n ? -distance : distance;
}

function ordinal(dataType: StorageType, x: Scalar): bigint {
  if (dataType === "float16") return signedOrdinal(toHalf(Number(x)), 0x8000);
  if (dataType !== "float32") return BigInt(x);
  const bits = new Uint32Array(new Float32Array([Number(x)]).buffer)[0]!;
  return signedOrdinal(bits, 0x80000000);
}

function signedOrdinal(bits: number, sign: number): bigint {
  return BigInt(bits >= sign ? -(bits - sign) : bits);
}

/** Bytes of the constants that conversions make up themselves. */
import { bitsOfFloat } from "../host/small-float.ts";
import type { StoredType } from "../model/element-type.ts";

/** One little-endian element. */
export function oneElement(dataType: StoredType, element: number | bigint): Uint8Array {
  const number = Number(element);
  switch (dataType) {
    case "float32":
      return new Uint8Array(Float32Array.of(number).buffer);
    case "float16":
      return new Uint8Array(Uint16Array.of(bitsOfFloat("float16", number)).buffer);
    case "int32":
    case "uint32":
      return new Uint8Array(Int32Array.of(number).buffer);
    case "int64":
    case "uint64":
      return new Uint8Array(BigInt64Array.of(BigInt(element)).buffer);
    default:
      return Uint8Array.of(number & 0xff);
  }
}

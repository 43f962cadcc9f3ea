/** Bytes of the constants that conversions make up themselves. */
import type { StoredType } from "../model/element-type.ts";

/** One little-endian element. */
export function oneElement(dataType: StoredType, element: number): Uint8Array {
  switch (dataType) {
    case "float32":
      return new Uint8Array(Float32Array.of(element).buffer);
    case "float16":
      return new Uint8Array(Uint16Array.of(halfBits(element)).buffer);
    case "int32":
    case "uint32":
      return new Uint8Array(Int32Array.of(element).buffer);
    case "int64":
    case "uint64":
      return new Uint8Array(BigInt64Array.of(BigInt(element)).buffer);
    default:
      return Uint8Array.of(element & 0xff);
  }
}

/** Half-precision bits of the few numbers that conversions make up: small integers and halves, exactly. */
function halfBits(element: number): number {
  if (element === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(element)));
  const mantissa = Math.round((Math.abs(element) / 2 ** exponent - 1) * 1024);
  return (element < 0 ? 0x8000 : 0) | (((exponent + 15) << 10) + mantissa);
}

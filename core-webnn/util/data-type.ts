/**
 * Data types of tensors, as the WebNN spec names them (https://www.w3.org/TR/webnn/#enumdef-mloperanddatatype),
 * and int4/uint4, which this project offers to quantizeLinear and dequantizeLinear.
 */

export const dataTypes = [
  "float32",
  "float16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "int8",
  "uint8",
] as const;

export type DataType = (typeof dataTypes)[number];
export type StorageType = DataType | "int4" | "uint4";
export const storageTypes: readonly StorageType[] = [...dataTypes, "int4", "uint4"];

const bits: Record<StorageType, number> = {
  float32: 32,
  float16: 16,
  int32: 32,
  uint32: 32,
  int64: 64,
  uint64: 64,
  int8: 8,
  uint8: 8,
  int4: 4,
  uint4: 4,
};

export function bitsPerElement(type: StorageType): number {
  return bits[type];
}

/** Bytes that `elementCount` elements take; two 4-bit elements share a byte, low nibble first. */
export function byteLengthOf(type: StorageType, elementCount: number): number {
  return Math.ceil((bits[type] * elementCount) / 8);
}

/** Whether elements are smaller than a byte. */
export function sharesBytes(type: StorageType): boolean {
  return bits[type] < 8;
}

export function isFloat(type: StorageType): boolean {
  return type === "float32" || type === "float16";
}

export function isUnsigned(type: StorageType): boolean {
  return type.startsWith("uint");
}

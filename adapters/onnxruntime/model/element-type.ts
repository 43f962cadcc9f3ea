/**
 * Element types by ONNX's codes (TensorProto.DataType), under onnxruntime-common's names, and what
 * WebNN stores them as.
 */
import type { DataType } from "../core.ts";

const elementTypes = {
  1: "float32",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  8: "string",
  9: "bool",
  10: "float16",
  11: "float64",
  12: "uint32",
  13: "uint64",
  14: "complex64",
  15: "complex128",
  16: "bfloat16",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  21: "uint4",
  22: "int4",
  23: "float4e2m1",
} as const;

export type ElementType = (typeof elementTypes)[keyof typeof elementTypes];

const bits: Partial<Record<ElementType, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
};

/** WebNN's data type for values of a type; a bool is a uint8 that is 0 or 1. */
const stored: Partial<Record<ElementType, StoredType>> = {
  float32: "float32",
  float16: "float16",
  int32: "int32",
  uint32: "uint32",
  int64: "int64",
  uint64: "uint64",
  int8: "int8",
  uint8: "uint8",
  bool: "uint8",
  int4: "int4",
  uint4: "uint4",
};

export type StoredType = DataType | "int4" | "uint4";

export function elementTypeOf(code: number): ElementType | undefined {
  return (elementTypes as Readonly<Record<number, ElementType>>)[code];
}

/** Bytes of `count` elements, or undefined for strings. */
export function elementBytes(type: ElementType, count: number): number | undefined {
  const width = bits[type];
  return width === undefined ? undefined : Math.ceil((width * count) / 8);
}

export function storedType(type: ElementType): StoredType | undefined {
  return stored[type];
}

export function isFloatType(type: ElementType): boolean {
  return type === "float32" || type === "float16";
}

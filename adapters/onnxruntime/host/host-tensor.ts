/**
 * Small tensors that the host computes with: integers of shapes, and what is made of them. Elements
 * are sizes, so that arithmetic on a dimension that is not known yet stays exact; floats are numbers.
 */
import type { Size } from "../core.ts";
import { elementCount, type Constant } from "../model/model.ts";

export interface HostTensor {
  readonly type: HostType;
  readonly shape: readonly number[];
  /** Row-major. Numbers where the type is float32 or bool (0 or 1). */
  readonly elements: readonly Size[];
}

export type HostType = "int64" | "int32" | "bool" | "float32";

/** More elements than any shape arithmetic has; larger tensors are work for a device. */
export const maxHostElements = 1024;

export function isHostType(type: string): type is HostType {
  return type === "int64" || type === "int32" || type === "bool" || type === "float32";
}

export function scalar(type: HostType, element: Size): HostTensor {
  return { type, shape: [], elements: [element] };
}

export function vector(type: HostType, elements: readonly Size[]): HostTensor {
  return { type, shape: [elements.length], elements };
}

/** The elements if all are numbers. */
export function numbersOf({ elements }: HostTensor): readonly number[] | undefined {
  return elements.every((e): e is number => typeof e === "number") ? elements : undefined;
}

/** A constant as a host tensor, if it is small and of a type that the host computes with. */
export function hostConstant({ type, shape, bytes }: Constant): HostTensor | undefined {
  const count = elementCount(shape);
  if (!isHostType(type) || count > maxHostElements || bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = {
    int64: (i: number) => Number(view.getBigInt64(i * 8, true)),
    int32: (i: number) => view.getInt32(i * 4, true),
    bool: (i: number) => Number(view.getUint8(i) !== 0),
    float32: (i: number) => view.getFloat32(i * 4, true),
  }[type];
  return { type, shape, elements: Array.from({ length: count }, (_, i) => read(i)) };
}

/** Little-endian bytes of numbers; an integer that a double does not hold exactly throws a RangeError. */
export function bytesOfNumbers(type: HostType, numbers: readonly number[]): Uint8Array {
  switch (type) {
    case "int64":
      return bytesOf(BigInt64Array.from(numbers.map((n) => BigInt(exactInteger(n)))));
    case "int32":
      return bytesOf(Int32Array.from(numbers));
    case "bool":
      return Uint8Array.from(numbers);
    case "float32":
      return bytesOf(Float32Array.from(numbers));
    default:
      return type satisfies never;
  }
}

function exactInteger(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an exact integer`);
  return value;
}

function bytesOf(array: ArrayBufferView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(array.buffer);
}

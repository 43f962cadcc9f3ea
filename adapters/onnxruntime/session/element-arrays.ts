/** onnxruntime-common's typed arrays by element type, and their bytes. */
import type { Tensor } from "onnxruntime-common";
import { OnnxModelError } from "../errors.ts";
import type { ElementType } from "../model/element-type.ts";

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  float64: Float64Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  // Two to a byte, the first in its lower half.
  int4: Uint8Array,
  uint4: Uint8Array,
} as const;

/** Types that tensors of a run can have. */
export type TensorType = keyof typeof arrays;

/** Types that onnxruntime-common does not have travel as their bits. */
const carriers: Partial<Record<ElementType, TensorType>> = {
  bfloat16: "uint16",
  float8e4m3fn: "uint8",
  float8e4m3fnuz: "uint8",
  float8e5m2: "uint8",
  float8e5m2fnuz: "uint8",
  float4e2m1: "uint4",
};

/** The type of onnxruntime's tensors that hold elements of a type; undefined where there are none. */
export function tensorTypeOf(type: ElementType | undefined): TensorType | undefined {
  if (type === undefined) return undefined;
  return isTensorType(type) ? type : carriers[type];
}

export function isTensorType(type: ElementType | string | undefined): type is TensorType {
  return type !== undefined && type in arrays;
}

/** The elements in an ArrayBuffer that nothing else uses. */
export function elementsOf(type: ElementType, buffer: ArrayBuffer): Tensor.DataType {
  const carrier = tensorTypeOf(type);
  if (carrier === undefined) {
    throw new OnnxModelError(
      "unsupported",
      `a result of type ${type}, for which there are no tensors`,
    );
  }
  return new arrays[carrier](buffer);
}

export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** A value during a run: in a tensor on the device, or as bytes on the host. */
import type { Size } from "../core.ts";
import { named } from "../core.ts";
import { OnnxModelError } from "../errors.ts";
import { bytesOfNumbers, type HostTensor } from "../host/host-tensor.ts";
import { hostConstant, isHostType, numbersOf } from "../host/host-tensor.ts";
import type { ElementType } from "../model/element-type.ts";
import type { Constant } from "../model/model.ts";
import type { DeviceTensor } from "../webnn.ts";

export interface RunValue {
  readonly type: ElementType;
  readonly dimensions: readonly Dimension[];
  /** At least one of `tensor` and `bytes` is there; an upload adds the tensor, reading a few bytes keeps them. */
  tensor: DeviceTensor | undefined;
  bytes: Uint8Array | undefined;
  /** The tensor is the caller's: it is neither written nor kept. */
  readonly isForeign: boolean;
}

/** A dimension's present size, and the name under which graphs know it where it can change. */
export interface Dimension {
  readonly size: number;
  readonly name: string | undefined;
}

export function shapeOf({ dimensions }: RunValue): readonly number[] {
  return dimensions.map(({ size }) => size);
}

export function isEmptyValue({ dimensions }: RunValue): boolean {
  return dimensions.some(({ size }) => size === 0);
}

/** The dimension for a graph: its name, or the number where there is none or it is fixed. */
export function sizeOf({ size, name }: Dimension, fixed: ReadonlySet<string>): Size {
  return name === undefined || fixed.has(name) ? size : named({ name });
}

function numberDimensions(shape: readonly number[]): readonly Dimension[] {
  return shape.map((size) => ({ size, name: undefined }));
}

export function hostValue(
  type: ElementType,
  shape: readonly number[],
  bytes: Uint8Array,
): RunValue {
  const dimensions = numberDimensions(shape);
  return { type, dimensions, tensor: undefined, bytes, isForeign: false };
}

export function constantRunValue({ name, type, shape, bytes }: Constant): RunValue {
  if (bytes === undefined) {
    throw new OnnxModelError(
      "unsupported",
      `the large constant '${name}' is needed on the host, but only a device holds it by now`,
    );
  }
  return hostValue(type, shape, bytes);
}

/** Computed on the host, with sizes that have values now. */
export function evaluatedValue(host: HostTensor, elements: readonly number[]): RunValue {
  return hostValue(host.type, host.shape, bytesOfNumbers(host.type, elements));
}

/** The elements of bytes, for conversions that need them; undefined for other types, or many elements. */
export function hostTensorOf(
  type: ElementType,
  shape: readonly number[],
  bytes: Uint8Array,
): HostTensor | undefined {
  return hostConstant({ name: "", type, shape, bytes });
}

/** The one element of a condition. */
export function truthOf(type: ElementType, shape: readonly number[], bytes: Uint8Array): boolean {
  const tensor = isHostType(type) ? hostTensorOf(type, shape, bytes) : undefined;
  const first = tensor === undefined ? undefined : numbersOf(tensor)?.[0];
  if (first === undefined) {
    throw new OnnxModelError("malformed", `a condition of type ${type} with shape [${shape}]`);
  }
  return first !== 0;
}

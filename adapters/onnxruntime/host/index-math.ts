/** Rearranging and broadcasting of host tensors: all of it is "which input element is output element i?". */
import { elementCount } from "../model/model.ts";
import type { HostTensor } from "./host-tensor.ts";

/** The coordinates of element `offset`, row-major. */
export function coordinatesOf(offset: number, shape: readonly number[]): number[] {
  const coordinates = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    coordinates[axis] = offset % shape[axis]!;
    offset = Math.floor(offset / shape[axis]!);
  }
  return coordinates;
}

export function offsetOf(coordinates: readonly number[], shape: readonly number[]): number {
  return coordinates.reduce((offset, at, axis) => offset * shape[axis]! + at, 0);
}

/** The tensor whose element at each coordinate is the input's element at `source(coordinate)`. */
export function rearrange(
  input: HostTensor,
  shape: readonly number[],
  source: (coordinates: readonly number[]) => readonly number[],
): HostTensor {
  const elements = Array.from(
    { length: elementCount(shape) },
    (_, i) => input.elements[offsetOf(source(coordinatesOf(i, shape)), input.shape)]!,
  );
  return { type: input.type, shape, elements };
}

/** Repeats dimensions of size 1, and adds leading ones, until the tensor has the shape. */
export function broadcastTo(input: HostTensor, shape: readonly number[]): HostTensor {
  const added = shape.length - input.shape.length;
  return rearrange(input, shape, (at) =>
    input.shape.map((size, axis) => (size === 1 ? 0 : at[axis + added]!)),
  );
}

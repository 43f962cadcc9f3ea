/** Steps through the elements of tensors on the host. */

/** Elements of any numeric type, to be read and written without asking which. */
export interface Elements {
  readonly length: number;
  [index: number]: number | bigint;
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

/**
 * Calls `visit` for each coordinate of `shape`, row-major, with the sums of coordinate · stride for each of the
 * lists of strides. The array of sums is the same each time.
 */
export function walk(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (offsets: readonly number[], index: number) => void,
): void {
  const count = shape.reduce((a, b) => a * b, 1);
  const at = new Array<number>(shape.length).fill(0);
  const offsets = new Array<number>(strides.length).fill(0);
  for (let index = 0; index < count; index++) {
    visit(offsets, index);
    // The next coordinate, as an odometer counts.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const isOver = ++at[axis]! === shape[axis];
      const steps = isOver ? 1 - shape[axis]! : 1;
      for (let i = 0; i < strides.length; i++) offsets[i]! += steps * strides[i]![axis]!;
      if (!isOver) break;
      at[axis] = 0;
    }
  }
}

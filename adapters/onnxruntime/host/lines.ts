/** Tensors on the host along some of their axes: reductions, and functions of whole lines such as softmax. */
import type { ElementType } from "../model/element-type.ts";
import { makeArray, type HostArray } from "./array.ts";
import { storeOf } from "./map-array.ts";
import { stridesOf, walk } from "./walk.ts";

/** What `f` makes of the elements along `axes`, for each place along the others. */
export function reduceLines(
  input: HostArray,
  type: ElementType,
  axes: readonly number[],
  keepDimensions: boolean,
  f: (line: Float64Array) => number,
): HostArray {
  const shape = input.shape.flatMap((size, axis) =>
    !axes.includes(axis) ? [size] : keepDimensions ? [1] : [],
  );
  const result = makeArray(type, shape);
  const store = storeOf(result);
  visitLines(input, axes, (line, index) => store(index, f(line)));
  return result;
}

/** What `f` makes of each line along one axis: a line as long. */
export function mapLines(
  input: HostArray,
  axis: number,
  f: (line: Float64Array) => ArrayLike<number>,
): HostArray {
  const result = makeArray(input.type, input.shape);
  const store = storeOf(result);
  visitLines(input, [axis], (line, _, offsets) => {
    const values = f(line);
    offsets.forEach((offset, i) => store(offset, values[i]!));
  });
  return result;
}

/** Visits lines in the order of the places where they stand; `line` and `offsets` are the same objects each time. */
function visitLines(
  { shape, data }: HostArray,
  axes: readonly number[],
  visit: (line: Float64Array, index: number, offsets: readonly number[]) => void,
): void {
  const strides = stridesOf(shape);
  const along = shape.map((size, axis) => (axes.includes(axis) ? size : 1));
  const across = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const steps: number[] = [];
  walk(along, [strides], ([offset]) => void steps.push(offset!));
  const line = new Float64Array(steps.length);
  const offsets = new Array<number>(steps.length);
  walk(across, [strides], ([start], index) => {
    steps.forEach((step, i) => {
      offsets[i] = start! + step;
      line[i] = Number(data[offsets[i]!]);
    });
    visit(line, index, offsets);
  });
}

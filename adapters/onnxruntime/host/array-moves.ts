/** Moves of elements between tensors on the host. */
import { makeArray, type HostArray } from "./array.ts";
import { stridesOf, walk, type Elements } from "./walk.ts";

/** The element at coordinates c is the input's element `start` + the sum of c · `strides`. */
export function viewArray(
  input: HostArray,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): HostArray {
  const output = makeArray(input.type, shape);
  const [from, to]: [Elements, Elements] = [input.data, output.data];
  walk(shape, [strides], ([offset], i) => void (to[i] = from[start + offset!]!));
  return output;
}

export function transposeArray(input: HostArray, permutation: readonly number[]): HostArray {
  const strides = stridesOf(input.shape);
  return viewArray(
    input,
    permutation.map((axis) => input.shape[axis]!),
    permutation.map((axis) => strides[axis]!),
  );
}

/** Dimensions of size 1, and those that are added in front, are repeated. */
export function expandArray(input: HostArray, shape: readonly number[]): HostArray {
  const own = stridesOf(input.shape);
  const added = shape.length - input.shape.length;
  const strides = shape.map((_, axis) =>
    axis < added || input.shape[axis - added] === 1 ? 0 : own[axis - added]!,
  );
  return viewArray(input, shape, strides);
}

export function tileArray(input: HostArray, repetitions: readonly number[]): HostArray {
  const own = stridesOf(input.shape);
  // Each dimension as two: which repetition, and where in it.
  const pairs = input.shape.flatMap((size, axis) => [repetitions[axis]!, size]);
  const tiled = viewArray(
    input,
    pairs,
    own.flatMap((stride) => [0, stride]),
  );
  return { ...tiled, shape: input.shape.map((size, axis) => size * repetitions[axis]!) };
}

export function concatArrays(inputs: readonly HostArray[], axis: number): HostArray {
  const [first] = inputs;
  const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const output = makeArray(first!.type, first!.shape.with(axis, total));
  const to: Elements = output.data;
  const inner = stridesOf(output.shape)[axis]!;
  const outer = output.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  let begin = 0;
  for (const { data, shape } of inputs) {
    const from: Elements = data;
    const run = shape[axis]! * inner;
    for (let row = 0; row < outer; row++) {
      for (let i = 0; i < run; i++) to[row * total * inner + begin + i] = from[row * run + i]!;
    }
    begin += run;
  }
  return output;
}

/** A tensor of one value. */
export function fillArray(one: HostArray, shape: readonly number[]): HostArray {
  const output = makeArray(one.type, shape);
  const to: Elements = output.data;
  const value = one.data[0]!;
  for (let i = 0; i < to.length; i++) to[i] = value;
  return output;
}

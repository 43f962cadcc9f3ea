/** Gathers and scatters of elements and points on the host. Indices that are negative count from the end. */
import { indexWithin, type Failing } from "./array-gather.ts";
import { makeArray, type HostArray } from "./array.ts";
import { stridesOf, walk, type Elements } from "./walk.ts";

/** How an update joins the element that it meets. */
export type Join = (element: number | bigint, update: number | bigint) => number | bigint;

/** Each element by its own index along `axis`; its other coordinates are those of the index. */
export function gatherElementsOf(
  node: Failing,
  input: HostArray,
  indices: HostArray,
  axis: number,
): HostArray {
  const output = makeArray(input.type, indices.shape);
  const [from, to]: [Elements, Elements] = [input.data, output.data];
  eachElement(node, input, indices, axis, (source, i) => void (to[i] = from[source]!));
  return output;
}

export function scatterElementsOf(
  node: Failing,
  input: HostArray,
  indices: HostArray,
  updates: HostArray,
  axis: number,
  join: Join,
): HostArray {
  const output = copyOf(input);
  const [from, to]: [Elements, Elements] = [updates.data, output.data];
  eachElement(
    node,
    input,
    indices,
    axis,
    (target, i) => void (to[target] = join(to[target]!, from[i]!)),
  );
  return output;
}

function eachElement(
  node: Failing,
  input: HostArray,
  indices: HostArray,
  axis: number,
  visit: (offset: number, i: number) => void,
): void {
  const strides = stridesOf(input.shape);
  indices.shape.forEach((size, d) => {
    if (d !== axis && size > input.shape[d]!) {
      node.fail(
        `dimension ${d} of the indices is ${size}, more than the input's ${input.shape[d]}`,
      );
    }
  });
  const others = strides.with(axis, 0);
  walk(indices.shape, [others], ([offset], i) => {
    const index = indexWithin(node, indices.data[i]!, input.shape[axis]!);
    visit(offset! + index * strides[axis]!, i);
  });
}

/** Blocks at points: the last dimension of `indices` has coordinates behind the first `batch` dimensions. */
export function gatherPoints(
  node: Failing,
  input: HostArray,
  indices: HostArray,
  batch: number,
  shape: readonly number[],
): HostArray {
  const output = makeArray(input.type, shape);
  const [from, to]: [Elements, Elements] = [input.data, output.data];
  eachPoint(node, input.shape, indices, batch, (start, block, point) => {
    for (let i = 0; i < block; i++) to[point * block + i] = from[start + i]!;
  });
  return output;
}

export function scatterPoints(
  node: Failing,
  input: HostArray,
  indices: HostArray,
  updates: HostArray,
  join: Join,
): HostArray {
  const output = copyOf(input);
  const [from, to]: [Elements, Elements] = [updates.data, output.data];
  eachPoint(node, input.shape, indices, 0, (start, block, point) => {
    for (let i = 0; i < block; i++) to[start + i] = join(to[start + i]!, from[point * block + i]!);
  });
  return output;
}

function eachPoint(
  node: Failing,
  shape: readonly number[],
  indices: HostArray,
  batch: number,
  visit: (start: number, block: number, point: number) => void,
): void {
  const depth = indices.shape.at(-1)!;
  const strides = stridesOf(shape);
  const block = shape.slice(batch + depth).reduce((a, b) => a * b, 1);
  const points = indices.shape.slice(0, -1);
  // Which entry of the batch a point belongs to; what lies between moves no further.
  const entries = points.map((_, d) => (d < batch ? strides[d]! : 0));
  walk(points, [entries], ([entry], point) => {
    let start = entry!;
    for (let c = 0; c < depth; c++) {
      const index = indices.data[point * depth + c]!;
      start += indexWithin(node, index, shape[batch + c]!) * strides[batch + c]!;
    }
    visit(start, block, point);
  });
}

function copyOf(input: HostArray): HostArray {
  return { ...input, data: input.data.slice() };
}

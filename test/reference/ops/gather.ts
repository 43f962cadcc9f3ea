/** Gathers and scatters of the reference. Negative indices count from the end; what lies outside is clamped. */
import type { Numeric } from "../values.ts";
import {
  at,
  build,
  evaluator,
  indicesOf,
  numberAt,
  type Evaluate,
  type Result,
  type Shape,
  type Tensor,
} from "./tensor.ts";

interface Gather {
  readonly input: Tensor;
  readonly indices: Tensor;
  readonly axis?: number;
}
interface Scatter extends Gather {
  readonly updates: Tensor;
}

export const gathers: Readonly<Record<string, Evaluate>> = {
  gather: evaluator(({ input, indices, axis = 0 }: Gather) => {
    const rank = indices.shape.length;
    const shape = input.shape.toSpliced(axis, 1, ...indices.shape);
    const element = (index: number[]): Numeric => {
      const chosen = numberAt(indices, index.slice(axis, axis + rank));
      return at(input, index.toSpliced(axis, rank, fromEnd(chosen, input.shape[axis]!)));
    };
    return [build(input.dataType, shape, element)];
  }),
  gatherElements: evaluator(({ input, indices, axis = 0 }: Gather) => [
    build(input.dataType, indices.shape, (index) => at(input, along(input, indices, axis, index))),
  ]),
  gatherND: evaluator(({ input, indices }: Gather) => {
    const outer = indices.shape.slice(0, -1);
    const shape = [...outer, ...input.shape.slice(indices.shape.at(-1))];
    const element = (index: number[]): Numeric => {
      const start = coordinates(input, indices, index.slice(0, outer.length));
      return at(input, [...start, ...index.slice(outer.length)]);
    };
    return [build(input.dataType, shape, element)];
  }),
  scatterElements: evaluator(({ input, indices, updates, axis = 0 }: Scatter) => [
    written(input, updates, indicesOf(indices.shape), (index) =>
      along(input, indices, axis, index),
    ),
  ]),
  scatterND: evaluator(({ input, indices, updates }: Scatter) => {
    const outer = indices.shape.length - 1;
    return [
      written(input, updates, indicesOf(updates.shape), (index) => [
        ...coordinates(input, indices, index.slice(0, outer)),
        ...index.slice(outer),
      ]),
    ];
  }),
};

/** The input with updates written over it in order: the last of several to one place counts. */
function written(
  input: Tensor,
  updates: Tensor,
  order: readonly number[][],
  target: (index: number[]) => Shape,
): Result {
  const values = [...input.values];
  for (const index of order) {
    const flat = target(index).reduce((sum, i, d) => sum * input.shape[d]! + i, 0);
    values[flat] = at(updates, index);
  }
  return { dataType: input.dataType, shape: input.shape, values };
}

function along(input: Tensor, indices: Tensor, axis: number, index: number[]): Shape {
  return index.with(axis, fromEnd(numberAt(indices, index), input.shape[axis]!));
}

function coordinates(input: Tensor, indices: Tensor, outer: Shape): number[] {
  return Array.from({ length: indices.shape.at(-1)! }, (_, d) =>
    fromEnd(numberAt(indices, [...outer, d]), input.shape[d]!),
  );
}

function fromEnd(i: number, size: number): number {
  return Math.min(Math.max(i < 0 ? i + size : i, 0), size - 1);
}

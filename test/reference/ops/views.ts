/** Operations of the reference that move elements: each output index is led back to an input's. */
import type { Numeric } from "../values.ts";
import {
  at,
  build,
  castOption,
  evaluator,
  wrap,
  type Evaluate,
  type Result,
  type Shape,
  type Tensor,
} from "./tensor.ts";

interface Input {
  readonly input: Tensor;
}

export const views: Readonly<Record<string, Evaluate>> = {
  reshape: evaluator(({ input, newShape }: Input & { newShape: Shape }) => [
    { ...input, shape: newShape },
  ]),
  transpose: evaluator(({ input, permutation }: Input & { permutation?: Shape }) => {
    const order = permutation ?? input.shape.map((_, d) => input.shape.length - 1 - d);
    const shape = order.map((d) => input.shape[d]!);
    return [moved(input, shape, (index) => input.shape.map((_, d) => index[order.indexOf(d)]!))];
  }),
  expand: evaluator(({ input, newShape }: Input & { newShape: Shape }) => [
    moved(input, newShape, (index) => index),
  ]),
  slice: evaluator(({ input, starts, sizes, strides }: Input & Slice) => {
    const step = (d: number): number => strides?.[d] ?? 1;
    const shape = sizes.map((size, d) => Math.ceil(size / step(d)));
    return [moved(input, shape, (index) => index.map((i, d) => starts[d]! + i * step(d)))];
  }),
  concat: evaluator(({ inputs, axis }: { inputs: readonly Tensor[]; axis: number }) => {
    const [first] = inputs as readonly [Tensor];
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    const element = (index: number[]): Numeric => {
      let along = index[axis]!;
      const input = inputs.find(({ shape }) => {
        if (along < shape[axis]!) return true;
        along -= shape[axis]!;
        return false;
      })!;
      return at(input, index.with(axis, along));
    };
    return [build(first.dataType, first.shape.with(axis, total), element)];
  }),
  split: evaluator(({ input, splits, axis = 0 }: Input & Split) => {
    const size = input.shape[axis]!;
    const parts =
      typeof splits === "number" ? Array<number>(splits).fill(size / splits) : [...splits];
    return parts.map((part, i) => {
      const start = parts.slice(0, i).reduce((a, b) => a + b, 0);
      const from = (index: Shape): Shape => index.with(axis, index[axis]! + start);
      return moved(input, input.shape.with(axis, part), from);
    });
  }),
  reverse: evaluator(({ input, axes }: Input & { axes?: Shape }) => {
    const turned = axes ?? [...input.shape.keys()];
    const back = (i: number, d: number): number =>
      turned.includes(d) ? input.shape[d]! - 1 - i : i;
    return [moved(input, input.shape, (index) => index.map(back))];
  }),
  tile: evaluator(({ input, repetitions }: Input & { repetitions: Shape }) => {
    const shape = input.shape.map((size, d) => size * repetitions[d]!);
    return [moved(input, shape, (index) => index.map((i, d) => i % input.shape[d]!))];
  }),
  pad: evaluator(({ input, beginningPadding, endingPadding, mode, value = 0 }: Input & Pad) => {
    const shape = input.shape.map((n, d) => beginningPadding[d]! + n + endingPadding[d]!);
    const element = (index: number[]): Numeric => {
      const source = index.map((i, d) => i - beginningPadding[d]!);
      const inside = source.every((i, d) => i >= 0 && i < input.shape[d]!);
      if (inside) return at(input, source);
      if (mode === "edge")
        return at(
          input,
          source.map((i, d) => clamp(i, input.shape[d]! - 1)),
        );
      if (mode === "reflection") {
        return at(
          input,
          source.map((i, d) => mirror(i, input.shape[d]! - 1)),
        );
      }
      return castOption(input.dataType, value);
    };
    return [build(input.dataType, shape, element)];
  }),
  triangular: evaluator(({ input, upper = true, diagonal = 0 }: Input & Triangular) => [
    build(input.dataType, input.shape, (index) => {
      const distance = index.at(-1)! - index.at(-2)!;
      const isKept = upper ? distance >= diagonal : distance <= diagonal;
      return isKept ? at(input, index) : castOption(input.dataType, 0);
    }),
  ]),
  cumulativeSum: evaluator(
    ({ input, axis, exclusive = false, reversed = false }: Input & Running) => {
      const { shape, dataType } = input;
      const isFloat = dataType.startsWith("float");
      const terms = (index: number[]): Numeric[] => {
        const here = index[axis]!;
        const [from, to] = reversed
          ? [here + (exclusive ? 1 : 0), shape[axis]! - 1]
          : [0, here - (exclusive ? 1 : 0)];
        const count = Math.max(0, to - from + 1);
        return Array.from({ length: count }, (_, i) => at(input, index.with(axis, from + i)));
      };
      if (!isFloat) {
        const total = (all: Numeric[]): bigint =>
          all.reduce<bigint>((sum, x) => sum + BigInt(x), 0n);
        return [build(dataType, shape, (index) => wrap(dataType, total(terms(index))))];
      }
      const sum = (all: Numeric[]): number =>
        all.reduce<number>((total, x) => total + Number(x), 0);
      const sizes = build(dataType, shape, (index) =>
        sum(terms(index).map((x) => Math.abs(Number(x)))),
      );
      const made = build(dataType, shape, (index) => sum(terms(index)));
      return [{ ...made, magnitudes: sizes.values.map(Number) }];
    },
  ),
};

interface Slice {
  readonly starts: Shape;
  readonly sizes: Shape;
  readonly strides?: Shape;
}
interface Split {
  readonly splits: number | Shape;
  readonly axis?: number;
}
interface Pad {
  readonly beginningPadding: Shape;
  readonly endingPadding: Shape;
  readonly mode?: string;
  readonly value?: Numeric;
}
interface Triangular {
  readonly upper?: boolean;
  readonly diagonal?: number;
}
interface Running {
  readonly axis: number;
  readonly exclusive?: boolean;
  readonly reversed?: boolean;
}

function moved(input: Tensor, shape: Shape, source: (index: Shape) => Shape): Result {
  return build(input.dataType, shape, (index) => at(input, source(index)));
}

function clamp(i: number, last: number): number {
  return Math.min(Math.max(i, 0), last);
}

/** -1 is 1, and last + 1 is last - 1. */
function mirror(i: number, last: number): number {
  return i < 0 ? -i : i > last ? 2 * last - i : i;
}

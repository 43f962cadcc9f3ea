/** Makers of ops that move elements, of gathers and scatters, and of running sums. */
import type { StorageType } from "../../core-webnn/util/data-type.ts";
import { countOf, type Shape } from "../reference/ops/tensor.ts";
import { isSmall, magnitudeOf, type Draft, type Entry, type Maker, type Makers } from "./draft.ts";
import { anyOperand } from "./make-elementwise.ts";

const reshape: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  let rest = countOf(input.shape);
  const newShape: number[] = [];
  for (const prime of [2, 3, 5, 7, 11, 13]) {
    while (rest % prime === 0 && newShape.length < 5 && draft.chance(0.6)) {
      newShape.push(prime);
      rest /= prime;
    }
  }
  if (rest > 1 || draft.chance(0.3)) newShape.push(rest);
  if (draft.chance(0.2)) newShape.push(1);
  draft.call(op, { input: input.name, newShape: draft.shuffled(newShape) });
};

const transpose: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  const permutation = draft.maybe(() => draft.shuffled([...input.shape.keys()]), 0.8);
  draft.call(op, { input: input.name, permutation });
};

const expand: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  const grown = input.shape.map((size) =>
    size === 1 && draft.chance(0.7) ? draft.pick([2, 3, 5]) : size,
  );
  const outer = input.shape.length < 6 ? draft.shape(0, 2, 6) : [];
  draft.call(op, { input: input.name, newShape: [...outer, ...grown] });
};

const slice: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  const starts = input.shape.map((size) => draft.below(size));
  const sizes = input.shape.map((size, d) => 1 + draft.below(size - starts[d]!));
  const strides = draft.maybe(() => input.shape.map(() => 1 + draft.below(3)));
  draft.call(op, { input: input.name, starts, sizes, strides });
};

const concat: Maker = (draft, op) => {
  const first = anyOperand(draft, op, "inputs", 1);
  const axis = draft.below(first.shape.length);
  const alike = (shape: Shape): boolean =>
    shape.length === first.shape.length &&
    shape.every((size, d) => d === axis || size === first.shape[d]);
  const others = Array.from({ length: draft.pick([0, 1, 1, 2, 3, 9]) }, () =>
    draft.operand(
      [first.dataType],
      ({ shape }) => alike(shape),
      () => draft.leaf(first.dataType, first.shape.with(axis, 1 + draft.below(5))),
      0.6,
    ),
  );
  const inputs = draft.shuffled([first, ...others]).map(({ name }) => name);
  draft.call(op, { inputs, axis });
};

const split: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 1);
  const axis = draft.below(input.shape.length);
  const size = input.shape[axis]!;
  const divisors = [1, 2, 3, 4, 5].filter((n) => size % n === 0);
  const splits = draft.chance(0.5) ? draft.pick(divisors) : parts(draft, size);
  draft.call(op, { input: input.name, splits, axis: axis === 0 ? draft.maybe(() => 0) : axis });
};

/** Some numbers whose sum is the size. */
function parts(draft: Draft, size: number): number[] {
  const made: number[] = [];
  for (let left = size; left > 0; left -= made.at(-1)!) {
    made.push(made.length === 4 ? left : 1 + draft.below(left));
  }
  return made;
}

const reverse: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  draft.call(op, { input: input.name, axes: draft.maybe(() => someAxes(draft, input.shape), 0.8) });
};

export function someAxes(draft: Draft, shape: Shape): number[] {
  return draft.shuffled([...shape.keys()].filter(() => draft.chance(0.5)));
}

const tile: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  const repetitions = input.shape.map(() => draft.pick([1, 1, 2, 3]));
  if (!isSmall(input.shape.map((size, d) => size * repetitions[d]!))) return;
  draft.call(op, { input: input.name, repetitions });
};

const pad: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  const mode = draft.maybe(() => draft.pick(["constant", "edge", "reflection"]), 0.8);
  const amounts = (): number[] =>
    input.shape.map((size) => draft.below(mode === "reflection" ? Math.min(size, 4) : 4));
  const [beginningPadding, endingPadding] = [amounts(), amounts()];
  const padded = input.shape.map((size, d) => beginningPadding[d]! + size + endingPadding[d]!);
  if (!isSmall(padded)) return;
  const value = input.dataType.endsWith("64") && draft.chance(0.5) ? 5n : draft.pick([0, 2, -1.5]);
  draft.call(op, {
    input: input.name,
    beginningPadding,
    endingPadding,
    mode,
    value: draft.maybe(() => value),
  });
};

const triangular: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 2);
  const [upper, diagonal] = [
    draft.maybe(() => draft.chance(0.5)),
    draft.maybe(() => draft.below(9) - 4),
  ];
  draft.call(op, { input: input.name, upper, diagonal });
};

const cumulativeSum: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 1);
  if (magnitudeOf(input) > 1e30) return;
  draft.call(op, {
    input: input.name,
    axis: draft.below(input.shape.length),
    exclusive: draft.maybe(() => draft.chance(0.5)),
    reversed: draft.maybe(() => draft.chance(0.5)),
  });
};

/** Indices into a dimension, also counted from its end where the type has a sign; `beyond` by as much outside of it. */
function indices(draft: Draft, op: string, shape: Shape, size: number, beyond = 0): Entry {
  const dataType = draft.typeOf(op, "indices");
  const low = lowest(dataType, size);
  return draft.whole(dataType, shape, low === 0 ? 0 : low - beyond, size - 1 + beyond);
}

/** Implementations clamp what is gathered from outside. */
function outside(draft: Draft): number {
  return draft.chance(0.1) ? 3 : 0;
}

function lowest(dataType: StorageType, size: number): number {
  return dataType.startsWith("u") ? 0 : -size;
}

const gather: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 1);
  const axis = draft.below(input.shape.length);
  const chosen = indices(draft, op, draft.shape(0, 3, 12), input.shape[axis]!, outside(draft));
  draft.call(op, { input: input.name, indices: chosen.name, axis: axis === 0 ? undefined : axis });
};

const gatherElements: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 1);
  const axis = draft.below(input.shape.length);
  const shape = input.shape.with(axis, 1 + draft.below(6));
  const chosen = indices(draft, op, shape, input.shape[axis]!, outside(draft));
  draft.call(op, { input: input.name, indices: chosen.name, axis });
};

/** Whole coordinates, or their beginnings, one row of the last dimension each. */
function coordinates(draft: Draft, op: string, { shape }: Entry, outer: Shape): Entry {
  const depth = 1 + draft.below(shape.length);
  const dataType = draft.typeOf(op, "indices");
  const values = Array.from({ length: countOf(outer) }, () =>
    Array.from({ length: depth }, (_, d) => {
      const low = lowest(dataType, shape[d]!);
      return low + draft.below(shape[d]! - low);
    }),
  ).flat();
  const typed = dataType === "int64" ? values.map(BigInt) : values;
  return draft.leaf(dataType, [...outer, depth], typed);
}

const gatherND: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 1);
  const chosen = coordinates(draft, op, input, draft.shape(0, 2, 12));
  draft.call(op, { input: input.name, indices: chosen.name });
};

const scatterElements: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 1);
  const axis = draft.below(input.shape.length);
  const shape = input.shape.with(axis, 1 + draft.below(5));
  const chosen = indices(draft, op, shape, input.shape[axis]!);
  const updates = draft.leaf(input.dataType, shape);
  draft.call(op, { input: input.name, indices: chosen.name, updates: updates.name, axis });
};

const scatterND: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 1);
  const outer = draft.shape(0, 2, 8);
  const chosen = coordinates(draft, op, input, outer);
  const shape = [...outer, ...input.shape.slice(chosen.shape.at(-1))];
  if (shape.length > 8) return;
  const updates = draft.leaf(input.dataType, shape);
  draft.call(op, { input: input.name, indices: chosen.name, updates: updates.name });
};

export const viewMakers: Makers = {
  reshape,
  transpose,
  expand,
  slice,
  concat,
  split,
  reverse,
  tile,
  pad,
  triangular,
  cumulativeSum,
  gather,
  gatherElements,
  gatherND,
  scatterElements,
  scatterND,
};

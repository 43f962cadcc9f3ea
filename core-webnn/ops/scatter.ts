/**
 * scatterElements and scatterND (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-scatterelements).
 *
 * Of several updates to one element the last one stands. So one node goes through the updates in order
 * and notes in each place the number of the last one to it; another reads that update, or the input
 * where there is none. No element is stored at an index that is data but these numbers.
 */
import { constant, delinearize, valueAddress } from "../kernel/address.ts";
import { compare, guard, i32, index as indexValue } from "../kernel/expr.ts";
import type { Address } from "../kernel/ir.ts";
import { productOf } from "../util/size.ts";
import { loadedIndex } from "./addresses.ts";
import { coordinateCount } from "./gather.ts";
import { anyRank, anyType, indexTypes, operand, operandLike } from "./operands.ts";
import { op, type PhaseWrite, type Row } from "./row.ts";
import { check, checkAxis, claimSameShape } from "./shapes.ts";

const anyIndex = { min: 1 } as const;
const int32 = ["int32"] as const;
const axisOption = { axis: { kind: "u32", default: 0 } } as const;
const sameRank = { sameAs: "input" } as const;

export const scatterElements = op("scatterElements", {
  args: {
    input: operand(anyType, anyIndex),
    indices: { kind: "operand", types: indexTypes, ranks: sameRank },
    updates: { kind: "operand", types: { sameAs: "input" }, ranks: sameRank },
  },
  options: axisOption,
  infer({ input, indices, updates, axis }, claims) {
    checkAxis(axis, input.shape.length);
    const expected = input.shape.with(axis, indices.shape[axis]!);
    claimSameShape(indices.shape, expected, claims, "indices and input");
    claimSameShape(updates.shape, indices.shape, claims, "updates and indices");
    return [input];
  },
  lower: {
    kind: "decompose",
    into(add, { input, indices, updates, axis }) {
      const last = add(lastUpdates, { indices, size: [input.shape[axis]!], axis });
      return add(updatedElements, { input, updates, last, axis });
    },
  },
  ulp: 0,
});

export const scatterND = op("scatterND", {
  args: {
    input: operand(anyType, anyIndex),
    indices: operand(indexTypes, anyIndex),
    updates: operandLike("input"),
  },
  outputs: { output: { types: { sameAs: "input" }, ranks: anyIndex } },
  infer({ input, indices, updates }, claims) {
    const count = coordinateCount(indices);
    const rank = input.shape.length;
    check(count <= rank, `indices have ${count} coordinates for an input of rank ${rank}`);
    const expected = [...indices.shape.slice(0, -1), ...input.shape.slice(count)];
    claimSameShape(updates.shape, expected, claims, "updates and what indices say");
    return [input];
  },
  lower: {
    kind: "decompose",
    into(add, { input, indices, updates }) {
      const shape = input.shape.slice(0, coordinateCount(indices));
      const last = add(lastUpdatesND, { indices, shape });
      return add(updatedSlices, { input, updates, last });
    },
  },
  ulp: 0,
});

/** For each element, along `axis` of the given size, the number of the last of `indices` that means it; -1 where none does. */
export const lastUpdates = op("lastUpdates", {
  args: {
    indices: operand(indexTypes, anyIndex),
    size: { kind: "sizes" },
    axis: { kind: "u32" },
  },
  outputs: { output: { types: int32, ranks: anyIndex } },
  infer: ({ indices, size: [size], axis }) => [
    { dataType: "int32", shape: indices.shape.with(axis, size!) },
  ],
  lower: {
    kind: "scan",
    of: ({ indices, size: [size], axis }) => ({
      batch: indices.shape.toSpliced(axis, 1),
      steps: indices.shape[axis]!,
      first: (_, batch) => [
        { extents: [size!], writes: (at) => [note(batch.toSpliced(axis, 0, ...at), constant(-1))] },
      ],
      each(read, batch, step) {
        const loaded = read(indices, batch.toSpliced(axis, 0, step));
        const at = batch.toSpliced(axis, 0, loadedIndex(loaded, size!));
        return [{ extents: [], writes: () => [note(at, step)] }];
      },
    }),
  },
  ulp: 0,
});

/** The same for indices that are rows of coordinates, in row-major order of the rows. */
export const lastUpdatesND = op("lastUpdatesND", {
  args: { indices: operand(indexTypes, anyIndex), shape: { kind: "sizes" } },
  outputs: { output: { types: int32, ranks: anyRank } },
  infer: ({ shape }) => [{ dataType: "int32", shape }],
  lower: {
    kind: "scan",
    of({ indices, shape }) {
      const rows = indices.shape.slice(0, -1);
      return {
        batch: [],
        steps: productOf(rows),
        first: () => [{ extents: shape, writes: (at) => [note(at, constant(-1))] }],
        each(read, _, step) {
          const row = delinearize(step, rows);
          const at = shape.map((size, d) =>
            loadedIndex(read(indices, [...row, constant(d)]), size),
          );
          return [{ extents: [], writes: () => [note(at, step)] }];
        },
      };
    },
  },
  ulp: 0,
});

/** Elements of `updates` where `last` has their number, else of `input`. */
export const updatedElements = op("updatedElements", {
  args: {
    input: operand(anyType, anyIndex),
    updates: operandLike("input", anyIndex),
    last: operand(int32, anyIndex),
    axis: { kind: "u32" },
  },
  infer: ({ input }) => [input],
  lower: {
    kind: "index",
    value(read, index, { input, updates, last, axis }) {
      const number = read(last, index);
      const update = read(updates, index.with(axis, valueAddress(number)));
      return guard(compare("ge", number, i32(0)), update, read(input, index));
    },
  },
  ulp: 0,
});

/** The same for whole slices: `last` has the first dimensions of `input`. */
export const updatedSlices = op("updatedSlices", {
  args: {
    input: operand(anyType, anyIndex),
    updates: operandLike("input"),
    last: operand(int32, anyRank),
  },
  infer: ({ input }) => [input],
  lower: {
    kind: "index",
    value(read, index, { input, updates, last }) {
      const rank = last.shape.length;
      const number = read(last, index.slice(0, rank));
      const rows = updates.shape.slice(0, updates.shape.length - (input.shape.length - rank));
      const row = delinearize(valueAddress(number), rows);
      const update = read(updates, [...row, ...index.slice(rank)]);
      return guard(compare("ge", number, i32(0)), update, read(input, index));
    },
  },
  ulp: 0,
});

export const scatterRows: readonly Row[] = [scatterElements, scatterND];
export const scatterPartRows: readonly Row[] = [
  lastUpdates,
  lastUpdatesND,
  updatedElements,
  updatedSlices,
];

function note(index: readonly Address[], number: Address): PhaseWrite {
  return { output: 0, index, value: indexValue(number) };
}

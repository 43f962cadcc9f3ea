/** Rows that read at indices which are data (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-gather). */
import type { Address } from "../kernel/ir.ts";
import { constant } from "../kernel/address.ts";
import { loadedIndex } from "./addresses.ts";
import { anyRank, anyType, indexTypes, operand } from "./operands.ts";
import { op, type Descriptor, type Row } from "./row.ts";
import { check, checkAxis, claimSameShape } from "./shapes.ts";

export const gather = op("gather", {
  args: { input: operand(anyType, { min: 1 }), indices: operand(indexTypes) },
  options: { axis: { kind: "u32", default: 0 } },
  outputs: { output: { types: { sameAs: "input" }, ranks: { min: 1 } } },
  infer({ input, indices, axis }) {
    checkAxis(axis, input.shape.length);
    return [{ dataType: input.dataType, shape: input.shape.toSpliced(axis, 1, ...indices.shape) }];
  },
  lower: {
    kind: "index",
    value(read, index, { input, indices, axis }) {
      const rank = indices.shape.length;
      const loaded = read(indices, index.slice(axis, axis + rank));
      return read(input, index.toSpliced(axis, rank, loadedIndex(loaded, input.shape[axis]!)));
    },
  },
  ulp: 0,
});

export const gatherElements = op("gatherElements", {
  args: {
    input: operand(anyType, { min: 1 }),
    indices: { kind: "operand", types: indexTypes, ranks: { sameAs: "input" } },
  },
  options: { axis: { kind: "u32", default: 0 } },
  infer({ input, indices, axis }, claims) {
    checkAxis(axis, input.shape.length);
    const expected = input.shape.with(axis, indices.shape[axis]!);
    claimSameShape(indices.shape, expected, claims, "indices and input");
    return [{ dataType: input.dataType, shape: indices.shape }];
  },
  lower: {
    kind: "index",
    value: (read, index, { input, indices, axis }) =>
      read(input, index.with(axis, loadedIndex(read(indices, index), input.shape[axis]!))),
  },
  ulp: 0,
});

export const gatherND = op("gatherND", {
  args: { input: operand(anyType, { min: 1 }), indices: operand(indexTypes, { min: 1 }) },
  outputs: { output: { types: { sameAs: "input" }, ranks: anyRank } },
  infer({ input, indices }) {
    const coordinates = coordinateCount(indices);
    const rank = input.shape.length;
    check(
      coordinates <= rank,
      `indices have ${coordinates} coordinates for an input of rank ${rank}`,
    );
    const shape = [...indices.shape.slice(0, -1), ...input.shape.slice(coordinates)];
    return [{ dataType: input.dataType, shape }];
  },
  lower: {
    kind: "index",
    value(read, index, { input, indices }) {
      const indexed = indices.shape.length - 1;
      const coordinate = (d: number): Address => {
        const loaded = read(indices, [...index.slice(0, indexed), constant(d)]);
        return loadedIndex(loaded, input.shape[d]!);
      };
      const coordinates = Array.from({ length: coordinateCount(indices) }, (_, d) => coordinate(d));
      return read(input, [...coordinates, ...index.slice(indexed)]);
    },
  },
  ulp: 0,
});

export const gatherRows: readonly Row[] = [gather, gatherElements, gatherND];

/** Coordinates of each index: the size of the last dimension. */
export function coordinateCount({ shape }: Descriptor): number {
  const count = shape.at(-1);
  check(typeof count === "number", "the last dimension of indices must be a number");
  return count;
}

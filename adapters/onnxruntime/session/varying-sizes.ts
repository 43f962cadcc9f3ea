/**
 * Names for dimensions that only elements decide, such as how many positions NonZero finds.
 *
 * A size that has been the same so far is a number in the graphs behind it, unless its op says that it varies; from
 * the first time that it differs it has a name, so that one graph serves all its values.
 */
import { getOrMake } from "../get-or-make.ts";
import type { Node } from "../model/model.ts";
import type { Dimension } from "./run-value.ts";

export interface VaryingSizes {
  /** The dimensions of a result, or another part, of a node. */
  readonly dimensions: (
    node: Node,
    part: string,
    shape: readonly number[],
    /** Axes that are known to vary. */
    varying?: readonly number[],
  ) => readonly Dimension[];
  /** The dimensions of a value that each iteration of a node gives to the next, and that began with `first`. */
  readonly carried: (
    node: Node,
    part: string,
    shape: readonly number[],
    first: readonly Dimension[],
  ) => readonly Dimension[];
}

export function makeVaryingSizes(): VaryingSizes {
  const firstSizes = new Map<Node, Map<string, number>>();
  const names = new Map<Node, Map<string, string>>();
  let count = 0;
  const keyOf = (part: string, rank: number, axis: number) => `${part} ${rank} ${axis}`;
  /** The name of a dimension that has been seen to vary; it gets one where it varies now. */
  const nameOf = (node: Node, key: string, varies: boolean): string | undefined => {
    const known = getOrMake(names, node, () => new Map<string, string>());
    return varies ? getOrMake(known, key, () => `v_${++count}`) : known.get(key);
  };
  return {
    dimensions(node, part, shape, varying = []) {
      const sizes = getOrMake(firstSizes, node, () => new Map<string, number>());
      return shape.map((size, axis) => {
        const key = keyOf(part, shape.length, axis);
        const first = getOrMake(sizes, key, () => size);
        return { size, name: nameOf(node, key, size !== first || varying.includes(axis)) };
      });
    },
    carried(node, part, shape, first) {
      return shape.map((size, axis) => {
        const before = first[axis];
        const isSame = shape.length === first.length && before?.size === size;
        const name = nameOf(node, keyOf(part, shape.length, axis), !isSame);
        return name === undefined ? before! : { size, name };
      });
    },
  };
}

/**
 * Names for dimensions that only elements decide, such as how many positions NonZero finds.
 *
 * A size that has been the same so far is a number in the graphs behind it; from the first time that it differs it
 * has a name, so that one graph serves all its values.
 */
import { getOrMake } from "../get-or-make.ts";
import type { Node } from "../model/model.ts";
import type { Dimension } from "./run-value.ts";

export interface VaryingSizes {
  /** The dimensions of a result, or another part, of a node. */
  readonly dimensions: (node: Node, part: string, shape: readonly number[]) => readonly Dimension[];
}

export function makeVaryingSizes(): VaryingSizes {
  const seen = new Map<Node, Map<string, { readonly size: number; name: string | undefined }>>();
  let names = 0;
  return {
    dimensions(node, part, shape) {
      const axes = getOrMake(seen, node, () => new Map());
      return shape.map((size, axis) => {
        const first = getOrMake(axes, `${part} ${shape.length} ${axis}`, () => ({
          size,
          name: undefined,
        }));
        if (first.size !== size) first.name ??= `v_${++names}`;
        return { size, name: first.name };
      });
    },
  };
}

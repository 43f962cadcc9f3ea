/** Gathers of whole blocks of tensors on the host. Indices that are negative count from the end. */
import { makeArray, type HostArray } from "./array.ts";
import type { Elements } from "./walk.ts";

export interface Failing {
  readonly fail: (why: string) => never;
}

/** An index from the start. */
export function indexWithin(node: Failing, index: number | bigint, size: number): number {
  const given = Number(index);
  if (!(given >= -size && given < size)) {
    return node.fail(`index ${given} is out of range for size ${size}`);
  }
  return given < 0 ? given + size : given;
}

/** Whole blocks of the input along `axis`, in the order of the indices. */
export function gatherBlocks(
  node: Failing,
  input: HostArray,
  indices: HostArray,
  axis: number,
): HostArray {
  const [before, after] = [input.shape.slice(0, axis), input.shape.slice(axis + 1)];
  const output = makeArray(input.type, [...before, ...indices.shape, ...after]);
  const size = input.shape[axis]!;
  const block = after.reduce((a, b) => a * b, 1);
  const rows = before.reduce((a, b) => a * b, 1);
  const [from, to, given]: [Elements, Elements, Elements] = [input.data, output.data, indices.data];
  const picked = Array.from(given, (index) => indexWithin(node, index, size));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const index of picked) {
      const start = (row * size + index) * block;
      for (let i = 0; i < block; i++) to[at++] = from[start + i]!;
    }
  }
  return output;
}

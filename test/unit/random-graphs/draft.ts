/** A random graph in the making: its values so far, and how makers draw from it. */
import type { Value } from "../../../core-webnn/graph/ir.ts";
import type { ArgValues } from "../../../core-webnn/ops/row.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import { named, sizesEqual, type Size, type Sizes } from "../../../core-webnn/util/size.ts";
import type { Sketch } from "../../reference/sketch.ts";

export interface Entry {
  readonly value: Value;
  /** No element's magnitude is larger. */
  readonly bound: number;
  readonly isExact: boolean;
}

/** What makers draw from. */
export interface Draft {
  readonly sketch: Sketch;
  readonly sizes: Sizes;
  readonly entries: Entry[];
  readonly below: (count: number) => number;
  readonly chance: (p: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  /** A new input or constant of small integers, from -bound (0 for unsigned types) to bound. */
  readonly leaf: (dataType: StorageType, shape: readonly Size[], bound?: number) => Entry;
  readonly op: (
    name: string,
    args: ArgValues,
    from: readonly Entry[],
    bound: number,
    isExact?: boolean,
  ) => Entry | undefined;
  readonly count: (shape: readonly Size[]) => number;
}

export function randomShape({ below, chance }: Pick<Draft, "below" | "chance">): readonly Size[] {
  return Array.from({ length: below(5) }, (): Size =>
    chance(0.15) ? named({ name: "n", maxSize: 8 }) : 1 + below(5),
  );
}

export function sameShape(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, d) => sizesEqual(size, b[d]!));
}

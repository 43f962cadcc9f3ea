/**
 * Decisions about sizes that are known only when a graph runs.
 *
 * A graph is built while a run waits for it, so the sizes of that run are known. Where ONNX's meaning
 * depends on sizes (is this end beyond the dimension? are these two equal, or is one 1?), the present
 * sizes decide, and the decision is kept as a guard: the graph serves later runs whose sizes decide alike.
 */
import { evaluateSize, namesIn, sizeKey, subtractSizes, type Size, type Sizes } from "../core.ts";
import type { Node } from "../model/model.ts";

/** Says that `difference` is (or is not) zero, or negative. */
export interface Guard {
  readonly kind: "zero" | "negative";
  readonly difference: Size;
  readonly holds: boolean;
}

export interface Decisions {
  readonly equal: (a: Size, b: Size) => boolean;
  readonly less: (a: Size, b: Size) => boolean;
  /** The size as a number; the graph then serves this value only. */
  readonly number: (size: Size) => number;
  readonly guards: () => readonly Guard[];
}

/** Beyond every size, as in the ends that exporters write for "to the end". */
const unreachable = 2 ** 31;

export function makeDecisions(sizes: Sizes): Decisions {
  const guards = new Map<string, Guard>();
  const decide = (kind: Guard["kind"], a: Size, b: Size): boolean => {
    const difference = subtractSizes(a, b);
    const holds = test(kind, evaluateSize(difference, sizes));
    if (typeof difference !== "number") {
      guards.set(`${kind} ${sizeKey(difference)}`, { kind, difference, holds });
    }
    return holds;
  };
  const isFar = (size: Size) => typeof size === "number" && Math.abs(size) >= unreachable;
  return {
    equal: (a, b) => (isFar(a) !== isFar(b) ? false : decide("zero", a, b)),
    less(a, b) {
      if (isFar(a) && !isFar(b)) return (a as number) < 0;
      if (isFar(b) && !isFar(a)) return (b as number) > 0;
      return decide("negative", a, b);
    },
    number(size) {
      const value = evaluateSize(size, sizes);
      decide("zero", size, value);
      return value;
    },
    guards: () => [...guards.values()],
  };
}

export function guardHolds({ kind, difference, holds }: Guard, sizes: Sizes): boolean {
  return test(kind, evaluateSize(difference, sizes)) === holds;
}

function test(kind: Guard["kind"], difference: number): boolean {
  return kind === "zero" ? difference === 0 : difference < 0;
}

/**
 * Thrown by a conversion that cannot go on while these names are symbolic: it starts again with
 * their present values in place of the names.
 */
export class NeedsNumbers extends Error {
  readonly names: readonly string[];
  /** Who needs them. */
  node: Node | undefined;

  constructor(sizes: readonly Size[]) {
    super("these sizes must be numbers");
    this.names = sizes.flatMap((size) => [...namesIn(size)]);
  }

  by(node: Node): this {
    this.node ??= node;
    return this;
  }
}

/** The size if it is a number; a conversion starts again with numbers where it is not. */
export function fixedSize(size: Size): number {
  if (typeof size === "number") return size;
  throw new NeedsNumbers([size]);
}

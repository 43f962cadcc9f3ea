/** What a build could not decide about named sizes: checked when a dispatch gives them values. */
import {
  evaluateSize,
  sizeRange,
  sizesEqual,
  subtractSizes,
  type Size,
  type Sizes,
} from "./size.ts";

export interface Constraint {
  readonly kind: "equal" | "atMost";
  readonly a: Size;
  readonly b: Size;
  /** Names the op and the dimension: "add 'layer.0': dimension 1 of a and b". */
  readonly says: string;
}

/** Whether the constraint holds for every value of the names, for none, or depends on them. */
export function decide({ kind, a, b }: Pick<Constraint, "kind" | "a" | "b">): boolean | undefined {
  if (sizesEqual(a, b)) return true;
  const [min, max] = sizeRange(subtractSizes(a, b));
  if (kind === "atMost") return max <= 0 ? true : min > 0 ? false : undefined;
  return min > 0 || max < 0 ? false : undefined;
}

/** The first constraint that these values break, as a sentence; undefined when all hold. */
export function brokenBy(constraints: readonly Constraint[], sizes: Sizes): string | undefined {
  for (const { kind, a, b, says } of constraints) {
    const [x, y] = [evaluateSize(a, sizes), evaluateSize(b, sizes)];
    if (kind === "equal" && x !== y) return `${says}: ${x} is not equal to ${y}`;
    if (kind === "atMost" && x > y) return `${says}: ${x} is more than ${y}`;
  }
  return undefined;
}

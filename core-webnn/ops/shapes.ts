/**
 * Shapes as the spec's algorithms make them, with sizes that may be symbolic.
 *
 * What numbers decide is decided now and throws a TypeError; what depends on named sizes becomes a
 * claim that is checked at dispatch. A symbolic size never broadcasts: against another size than 1
 * it is claimed to be equal, so that no loop depends on a size being 1 only at run time.
 */
import { floorDivideSizes, formatShape, multiplySizes, type Size } from "../util/size.ts";
import type { Claims } from "./row.ts";

type Shape = readonly Size[];

/** States what must hold of the arguments; the caller of `infer` adds op and label. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TypeError(message);
}

/** https://www.w3.org/TR/webnn/#bidirectionally-broadcasting */
export function broadcastShapes(a: Shape, b: Shape, claims: Claims, says: string): readonly Size[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, d) => {
    const x = a[d + a.length - rank] ?? 1;
    const y = b[d + b.length - rank] ?? 1;
    if (x === 1) return y;
    if (y === 1) return x;
    claims.equal(x, y, `dimension ${d} of ${says}, shapes ${formatShape(a)} and ${formatShape(b)}`);
    return known(x, y);
  });
}

/** https://www.w3.org/TR/webnn/#unidirectionally-broadcastable */
export function claimBroadcastable(from: Shape, to: Shape, claims: Claims, says: string): void {
  const shapes = `shapes ${formatShape(from)} and ${formatShape(to)}`;
  check(from.length <= to.length, `${says} cannot be broadcast, ${shapes}`);
  from.forEach((size, i) => {
    const d = i + to.length - from.length;
    if (size !== 1) claims.equal(size, to[d]!, `dimension ${d} of ${says}, ${shapes}`);
  });
}

/** https://www.w3.org/TR/webnn/#blockwise-broadcastable */
export function claimBlockwise(from: Shape, to: Shape, claims: Claims, says: string): void {
  const shapes = `shapes ${formatShape(from)} and ${formatShape(to)}`;
  check(from.length === to.length, `${says} differ in rank, ${shapes}`);
  from.forEach((size, d) => {
    if (size === 1) return;
    const whole = multiplySizes(size, floorDivideSizes(to[d]!, size));
    claims.equal(whole, to[d]!, `whole blocks in dimension ${d} of ${says}, ${shapes}`);
  });
}

export function claimSameShape(a: Shape, b: Shape, claims: Claims, says: string): void {
  const shapes = `shapes ${formatShape(a)} and ${formatShape(b)}`;
  check(a.length === b.length, `${says} differ in rank, ${shapes}`);
  a.forEach((size, d) => claims.equal(size, b[d]!, `dimension ${d} of ${says}, ${shapes}`));
}

export function checkAxis(axis: number, rank: number): void {
  check(axis < rank, `axis ${axis} is out of range for rank ${rank}`);
}

export function checkAxes(axes: readonly number[], rank: number, name = "axes"): void {
  axes.forEach((axis) => check(axis < rank, `${name} ${axis} is out of range for rank ${rank}`));
  check(new Set(axes).size === axes.length, `${name} [${axes.join(", ")}] repeat a dimension`);
}

export function checkLength(list: readonly unknown[], length: number, name: string): void {
  check(list.length === length, `${name} has ${list.length} items, not ${length}`);
}

export function allAxes(shape: Shape): readonly number[] {
  return [...shape.keys()];
}

/** https://www.w3.org/TR/webnn/#mlgraphbuilder-calculate-reduction-output-sizes */
export function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  checkAxes(axes, shape.length);
  return keep
    ? shape.map((size, d) => (axes.includes(d) ? 1 : size))
    : shape.filter((_, d) => !axes.includes(d));
}

/** Elements that a sum or product runs over, for tolerances; a symbolic size counts as 1024. */
export function termCount(sizes: readonly Size[]): number {
  return sizes.reduce<number>((n, size) => n * (typeof size === "number" ? size : 1024), 1);
}

/** Of two sizes that are claimed to be equal, the one that says more. */
function known(a: Size, b: Size): Size {
  return typeof a === "number" ? a : b;
}

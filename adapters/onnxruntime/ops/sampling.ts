/** Values of images between their pixels, at points that are data: what GridSample, RoiAlign and DeformConv share. */
import type { NodeContext } from "../convert/node-context.ts";
import { multiplySizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf, type Calculator } from "./calculate.ts";

export type Interpolation = "nearest" | "linear" | "cubic";
/** What stands outside the image. */
export type Padding = "zeros" | "border" | "reflection";

export interface Sampling {
  readonly interpolation: Interpolation;
  readonly padding: Padding;
  /** Images end at the middles of their outer pixels, not at their edges: where they are reflected. */
  readonly endsAtMiddles: boolean;
  /** How the weighted pixels around a point become its value; their sum unless given. */
  readonly combine?: (a: Operand, b: Operand) => Operand;
}

/**
 * `images` are [batch, channels, …sizes] in float32, `points` one coordinate [batch, count] for each of the sizes, in pixels.
 * The result is [batch, channels, count].
 */
export function sampleAt(
  node: NodeContext,
  images: Operand,
  points: readonly Operand[],
  sampling: Sampling,
): Operand {
  const calculate = calculatorOf(node);
  const { add, mul, reshape, size, where } = calculate;
  const [batch, channels, ...sizes] = images.shape;
  const flat = reshape(images, [batch!, channels!, multiplySizes(...sizes)]);
  const taps = points.map((x, d) => tapsAlong(node, calculate, x, sizes[d]!, sampling));
  const values = combinations(taps).map((corner) => {
    const offset = corner.map(({ index }, d) =>
      mul(index, size(multiplySizes(...sizes.slice(d + 1)), "int32")),
    );
    const value = pick(node, flat, offset.reduce(add));
    const weights = corner.flatMap(({ weight }) => weight ?? []);
    const weighted =
      weights.length === 0 ? value : mul(value, perChannel(calculate, weights.reduce(mul)));
    const insides = corner.flatMap(({ inside }) => inside ?? []);
    if (insides.length === 0) return weighted;
    return where(perChannel(calculate, insides.reduce(calculate.and)), weighted, 0);
  });
  return values.reduce(sampling.combine ?? add);
}

/** [batch, count] beside [batch, channels, count]. */
function perChannel({ reshape }: Calculator, x: Operand): Operand {
  return reshape(x, [x.shape[0]!, 1, x.shape[1]!]);
}

/** Elements of [batch, channels, places] at places [batch, count], the same for all channels. */
function pick({ builder, label }: NodeContext, flat: Operand, places: Operand): Operand {
  const [batch, channels] = flat.shape;
  const count = places.shape[1]!;
  const one = builder.reshape(places, [batch!, 1, count], { label });
  const all = builder.expand(one, [batch!, channels!, count], { label });
  return builder.gatherElements(flat, all, { axis: 2, label });
}

/** A pixel that counts, along one dimension. */
interface Tap {
  /** int32, never outside. */
  readonly index: Operand;
  /** undefined is 1. */
  readonly weight?: Operand;
  /** Where the pixel is in the image; undefined where that makes no difference. */
  readonly inside?: Operand;
}

function combinations(taps: readonly (readonly Tap[])[]): readonly (readonly Tap[])[] {
  return taps.reduce<readonly (readonly Tap[])[]>(
    (corners, along) => corners.flatMap((corner) => along.map((tap) => [...corner, tap])),
    [[]],
  );
}

function tapsAlong(
  node: NodeContext,
  calculate: Calculator,
  given: Operand,
  size: Size,
  { interpolation, padding, endsAtMiddles }: Sampling,
): readonly Tap[] {
  const { add, cast, clamp, floor, roundEven, sub } = calculate;
  const last = sub(calculate.size(size, "float32"), 1);
  const reflect = (x: Operand) => reflected(node, calculate, x, last, endsAtMiddles);
  const moved = interpolation === "nearest" ? roundEven(given) : given;
  const x = padding === "reflection" ? reflect(moved) : moved;
  const tap = (place: Operand, weight?: Operand): Tap => {
    const folded = padding === "reflection" ? reflect(place) : place;
    return {
      index: cast(clamp(folded, 0, last), "int32"),
      ...(weight && { weight }),
      ...(padding === "zeros" && { inside: isInside(calculate, place, last) }),
    };
  };
  if (interpolation === "nearest") return [tap(x)];
  const first = floor(x);
  const rest = sub(x, first);
  if (interpolation === "linear") return [tap(first, sub(1, rest)), tap(add(first, 1), rest)];
  return cubicWeights(calculate, rest).map((weight, i) => tap(add(first, i - 1), weight));
}

function isInside(
  { and, greaterOrEqual, lesserOrEqual }: Calculator,
  x: Operand,
  last: Operand,
): Operand {
  return and(greaterOrEqual(x, 0), lesserOrEqual(x, last));
}

/** Folds x at both ends, as often as it takes. */
function reflected(
  { builder, label }: NodeContext,
  { abs, add, div, equal, floor, mul, sub, where, max }: Calculator,
  x: Operand,
  last: Operand,
  endsAtMiddles: boolean,
): Operand {
  const [least, range] = endsAtMiddles ? [0, max(last, 1)] : [-0.5, add(last, 1)];
  const distance = abs(sub(x, least));
  const folds = floor(div(distance, range));
  const rest = sub(distance, mul(folds, range));
  const isEven = equal(sub(folds, mul(floor(mul(folds, 0.5)), 2)), 0);
  const there = where(isEven, rest, sub(range, rest));
  const place = add(there, least);
  // An image of one pixel has no range to reflect in.
  if (!endsAtMiddles) return place;
  return builder.where(equal(last, 0), mul(place, 0), place, { label });
}

/** Of the four pixels around; Keys' cubic convolution with a = -0.75. */
function cubicWeights({ add, mul, sub }: Calculator, t: Operand): readonly Operand[] {
  const a = -0.75;
  const near = (d: Operand) => add(mul(mul(sub(mul(d, a + 2), a + 3), d), d), 1);
  const far = (d: Operand) => sub(mul(add(mul(sub(mul(d, a), 5 * a), d), 8 * a), d), 4 * a);
  return [far(add(t, 1)), near(t), near(sub(1, t)), far(sub(2, t))];
}

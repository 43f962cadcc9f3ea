/** Loops over axes, and over the strips of an axis that is taken by vectors. */
import { constant, sizeAddress } from "../../kernel/address.ts";
import type { Address, Axis } from "../../kernel/ir.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { integerOf } from "./emit-address.ts";
import { laneCount } from "./lanes.ts";
import { apart, startPoint, withAxis, withVector } from "./point.ts";
import type { Point, StripPosition } from "./point.ts";
import type { Strip } from "./strips.ts";
import type { Value } from "./value-graph.ts";

/** What a loop's body makes of what the loop carries, at the points of one round. */
export type Round = (points: readonly Point[], carried: readonly Value[]) => readonly Value[];

/** One element a round; the last axis is innermost. */
export function overAxes(
  emission: Emission,
  points: readonly Point[],
  axes: readonly Axis[],
  carried: readonly Value[],
  round: Round,
): readonly Value[] {
  const [axis, ...inner] = axes;
  if (axis === undefined) return round(points, carried);
  const range = { counter: axis, begin: constant(0), end: sizeAddress(axis.extent) };
  // Where it has one element, addresses made by the constructors do not mention the axis.
  const inside = points.map((point) =>
    axis.extent === 1 ? withAxis(point, axis.name, constant(0)) : apart(point),
  );
  return over(emission, range, carried, (...state) =>
    overAxes(emission, inside, inner, state, round),
  );
}

/** One group of a strip a round, at one point or several. */
export function overStrip(
  emission: Emission,
  point: Point,
  axis: Axis,
  strip: Strip,
  carried: readonly Value[],
  round: Round,
): readonly Value[] {
  const points = pointsOf(point, axis, strip);
  return over(emission, strip, carried, (...state) => round(points, state));
}

function pointsOf(point: Point, axis: Axis, strip: Strip): readonly Point[] {
  const { kind, first, pointCount } = strip;
  if (kind === "scalar") return [withAxis(point, axis.name, first)];
  const views: StripPosition["views"] = new Map();
  return Array.from({ length: pointCount }, (_, u) =>
    withVector(point, { axis, first, offset: u * laneCount, views }),
  );
}

interface Range {
  readonly counter: Axis;
  readonly begin: Address;
  readonly end: Address;
}

function over(
  emission: Emission,
  { counter, begin, end }: Range,
  carried: readonly Value[],
  body: (...carried: readonly Value[]) => readonly Value[],
): readonly Value[] {
  const scope = addressesAt(emission, startPoint());
  const [start, stop] = [integerOf(scope, begin), integerOf(scope, end)];
  return emission.nest.loop({ axis: counter, start, end: stop }, carried, body);
}

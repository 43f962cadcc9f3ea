/**
 * What a reduction carries: one lanes per state and point, as plain values that a loop can carry.
 */
import { fitsVector, laneNumbers, laneOf, toEach, toVector } from "./lanes.ts";
import type { Lanes, LaneType } from "./lanes.ts";
import type { Point } from "./point.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

/** How a state of this type is carried at a point: as one value, or one per lane. */
export interface StateForm {
  readonly type: LaneType;
  readonly kind: Lanes["kind"];
}

export function formOf(type: LaneType, { isVector }: Point): StateForm {
  if (!isVector) return { type, kind: "uniform" };
  return { type, kind: fitsVector(type) ? "vector" : "each" };
}

export function toValues(graph: ValueGraph, { kind }: StateForm, x: Lanes): readonly Value[] {
  if (kind === "uniform") return [laneOf(graph, x, 0)];
  return kind === "vector" ? [toVector(graph, x)] : toEach(graph, x);
}

/** The lanes of several states, from the values that they were carried as. */
export function fromValues(forms: readonly StateForm[], values: readonly Value[]): Lanes[] {
  let at = 0;
  return forms.map(({ type, kind }) => {
    if (kind !== "each") return { kind, type, value: values[at++]! };
    at += laneNumbers.length;
    return { kind, type, values: values.slice(at - laneNumbers.length, at) };
  });
}

/** Lane l of the result is lane (l + distance) mod 4. */
export function rotate(graph: ValueGraph, x: Lanes, distance: number): Lanes {
  if (x.kind === "uniform") return x;
  const order = laneNumbers.map((l) => (l + distance) % laneNumbers.length);
  if (x.kind === "each") return { ...x, values: order.map((l) => x.values[l]!) };
  const bytes = order.flatMap((l) => [0, 1, 2, 3].map((byte) => 4 * l + byte));
  return { ...x, value: graph.shuffle(bytes, x.value, x.value) };
}

/** Lane 0 alone. */
export function firstLane(graph: ValueGraph, x: Lanes): Lanes {
  return { kind: "uniform", type: x.type, value: laneOf(graph, x, 0) };
}

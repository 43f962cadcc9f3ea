/**
 * What a reduction carries: its states at each point, as plain values that a loop can carry.
 */
import type { Reduce } from "../../kernel/ir.ts";
import { extremeOf, resolveExtremes, startExtremes } from "./extremes.ts";
import type { ExtremeOp } from "./extremes.ts";
import { fitsVector, laneNumbers, laneOf, toEach, toVector } from "./lanes.ts";
import type { Lanes, LaneType } from "./lanes.ts";
import type { Point } from "./point.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

/** How a state is carried: as one value, one per lane, or as the integers of a minimum or maximum. */
export type StateForm =
  | { readonly kind: Lanes["kind"]; readonly type: LaneType }
  | { readonly kind: "extreme"; readonly op: ExtremeOp };

export function formsOf(stmt: Reduce, { isVector }: Point): readonly StateForm[] {
  return stmt.state.map(({ type }, i) => {
    if (!isVector) return { kind: "uniform", type };
    const op = extremeOf(stmt, i);
    if (op !== undefined) return { kind: "extreme", op };
    return { kind: fitsVector(type) ? "vector" : "each", type };
  });
}

export function toValues(graph: ValueGraph, form: StateForm, x: Lanes): readonly Value[] {
  switch (form.kind) {
    case "uniform":
      return [laneOf(graph, x, 0)];
    case "vector":
      return [toVector(graph, x)];
    case "each":
      return toEach(graph, x);
    case "extreme":
      return startExtremes(toVector(graph, x));
    default:
      return form satisfies never;
  }
}

export function fromValues(graph: ValueGraph, form: StateForm, values: readonly Value[]): Lanes {
  if (form.kind === "extreme") {
    return { kind: "vector", type: "f32", value: resolveExtremes(graph, form.op, values) };
  }
  const { kind, type } = form;
  return kind === "each" ? { kind, type, values } : { kind, type, value: values[0]! };
}

const counts = { uniform: 1, vector: 1, each: laneNumbers.length, extreme: 3 } as const;

/** The values of each state, from those of all in order. */
export function splitValues(
  forms: readonly StateForm[],
  values: readonly Value[],
): readonly (readonly Value[])[] {
  let at = 0;
  return forms.map(({ kind }) => {
    at += counts[kind];
    return values.slice(at - counts[kind], at);
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

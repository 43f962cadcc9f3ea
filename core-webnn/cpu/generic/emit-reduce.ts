/**
 * Reductions. Along an axis whose elements are neighbours, every lane of several vectors folds its own
 * part, and the parts are combined at the end; else each point folds its own, one element a round.
 */
import type { Axis, Expr, Reduce } from "../../kernel/ir.ts";
import type { Emission } from "./emission.ts";
import { lanesAt } from "./emit-expr.ts";
import { foldExtremes } from "./extremes.ts";
import { toVector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import { overAxes, overStrip } from "./loops.ts";
import { apart, withLocals } from "./point.ts";
import type { Point } from "./point.ts";
import { firstLane, formsOf, fromValues, rotate, splitValues, toValues } from "./states.ts";
import type { StateForm } from "./states.ts";
import { store } from "./store.ts";
import { stretchOf, stripsOf } from "./strips.ts";
import type { Strip } from "./strips.ts";
import type { Value } from "./value-graph.ts";

/** How a reduction is vectorised along one of its axes. */
export interface Folding {
  readonly axis: Axis;
  /** Vectors per round, each with its own state. */
  readonly unroll: number;
}

/** The points as they are after the reduction. */
export function emitReduce(
  emission: Emission,
  points: readonly Point[],
  stmt: Reduce,
  folding: Folding | undefined,
): readonly Point[] {
  const after = fold(emission, points, stmt, folding);
  if (emission.kept?.has(stmt)) emission.nest.act({ kind: "barrier" });
  return after;
}

function fold(
  emission: Emission,
  points: readonly Point[],
  stmt: Reduce,
  folding: Folding | undefined,
): readonly Point[] {
  const names = stmt.state.map(({ name }) => name);
  const inits = points.map((point) => stmt.init.map((x) => lanesAt(emission, point, x)));
  if (folding !== undefined) {
    const [point] = points;
    return [withLocals(point!, names, foldByLanes(emission, point!, stmt, folding, inits[0]!))];
  }
  const states = foldByPoint(emission, points, stmt, stmt.axes, inits);
  return points.map((point, p) => withLocals(point, names, states[p]!));
}

type States = readonly Lanes[];

function foldByPoint(
  emission: Emission,
  points: readonly Point[],
  stmt: Reduce,
  axes: readonly Axis[],
  inits: readonly States[],
): readonly States[] {
  const forms = points.map((point) => formsOf(stmt, point));
  const start = valuesOf(emission, forms, inits);
  const result = overAxes(emission, points, axes, start, (inside, carried) =>
    step(emission, inside, stmt, forms, carried),
  );
  return statesOf(emission, forms, result);
}

/** The other axes are outer loops; each of their rounds combines one folded row with the state. */
function foldByLanes(
  emission: Emission,
  point: Point,
  stmt: Reduce,
  { axis, unroll }: Folding,
  inits: States,
): States {
  const forms = [formsOf(stmt, point)];
  const outer = stmt.axes.filter((other) => other !== axis);
  const result = overAxes(
    emission,
    [point],
    outer,
    valuesOf(emission, forms, [inits]),
    ([here], carried) => {
      const row = foldRow(emission, here!, stmt, { axis, unroll }, inits);
      const [state] = statesOf(emission, forms, carried);
      const next = outer.length === 0 ? row : combine(emission, here!, stmt, state!, row);
      return valuesOf(emission, forms, [next]);
    },
  );
  return statesOf(emission, forms, result)[0]!;
}

/** `inits` may start every lane: it is idempotent under `combine`. */
function foldRow(
  emission: Emission,
  point: Point,
  stmt: Reduce,
  { axis, unroll }: Folding,
  inits: States,
): States {
  const strips = stripsOf(emission.nest, stretchOf(axis), unroll);
  const vectors = strips.filter(({ kind }) => kind !== "scalar");
  const tail = strips.filter(({ kind }) => kind === "scalar");
  const wide: Point = { ...point, isVector: true };
  const folded = vectors.reduce((state: States, strip) => {
    const starts = Array.from({ length: strip.pointCount }, (_, u) => (u === 0 ? state : inits));
    const parts = foldStrip(emission, point, wide, stmt, axis, strip, starts);
    return parts.reduce((a, b) => combine(emission, wide, stmt, a, b));
  }, inits);
  const whole = combineLanes(emission, wide, stmt, folded);
  return tail.reduce((state: States, strip) => {
    return foldStrip(emission, point, point, stmt, axis, strip, [state])[0]!;
  }, whole);
}

/** One state per point of the strip. `like` says how states are carried. */
function foldStrip(
  emission: Emission,
  point: Point,
  like: Point,
  stmt: Reduce,
  axis: Axis,
  strip: Strip,
  starts: readonly States[],
): readonly States[] {
  const forms = starts.map(() => formsOf(stmt, like));
  const start = valuesOf(emission, forms, starts);
  const result = overStrip(emission, point, axis, strip, start, (inside, carried) =>
    step(emission, inside, stmt, forms, carried),
  );
  return statesOf(emission, forms, result);
}

function combineLanes(emission: Emission, point: Point, stmt: Reduce, states: States): States {
  const { graph } = emission.nest;
  const rotated = (by: number) => (all: States) => all.map((x) => rotate(graph, x, by));
  const halves = combine(emission, point, stmt, states, rotated(2)(states));
  const whole = combine(emission, point, stmt, halves, rotated(1)(halves));
  return whole.map((x) => firstLane(graph, x));
}

/** state ← combine(state, map), at every point. */
function step(
  emission: Emission,
  points: readonly Point[],
  stmt: Reduce,
  forms: Forms,
  carried: readonly Value[],
): readonly Value[] {
  const { graph } = emission.nest;
  const all = splitValues(forms.flat(), carried);
  const kept = emission.kept?.get(stmt);
  return points.flatMap((point, p) => {
    const here = stmt.lets.reduce((at, { local, value }) => {
      return withLocals(at, [local.name], [lanesAt(emission, at, value)]);
    }, point);
    if (kept !== undefined) {
      store(emission, here, kept.buffer, kept.address, lanesAt(emission, here, kept.value));
    }
    const incoming = stmt.map.map((x) => lanesAt(emission, here, x));
    const own = all.slice(p * stmt.state.length, (p + 1) * stmt.state.length);
    const states = forms[p]!.map((form, i) => fromValues(graph, form, own[i]!));
    const next = combine(emission, here, stmt, states, incoming);
    return forms[p]!.flatMap((form, i) =>
      form.kind === "extreme"
        ? foldExtremes(graph, own[i]!, toVector(graph, incoming[i]!))
        : toValues(graph, form, next[i]!),
    );
  });
}

function combine(
  emission: Emission,
  point: Point,
  { state, incoming, combine }: Reduce,
  a: States,
  b: States,
): States {
  const names = [...state, ...incoming].map(({ name }) => name);
  const here = apart(withLocals(point, names, [...a, ...b]));
  return combine.map((x: Expr) => lanesAt(emission, here, x));
}

type Forms = readonly (readonly StateForm[])[];

function valuesOf(
  { nest: { graph } }: Emission,
  forms: Forms,
  states: readonly States[],
): readonly Value[] {
  return forms.flatMap((ofPoint, p) =>
    ofPoint.flatMap((form, i) => toValues(graph, form, states[p]![i]!)),
  );
}

function statesOf(
  { nest: { graph } }: Emission,
  forms: Forms,
  values: readonly Value[],
): readonly States[] {
  const all = splitValues(forms.flat(), values);
  let at = 0;
  return forms.map((ofPoint) => ofPoint.map((form) => fromValues(graph, form, all[at++]!)));
}

/**
 * Guards: a side is evaluated only where the condition asks for it.
 *
 * A chain of guards (`c ? x : d ? y : z`, as concat makes it) is one choice. Four points that agree on
 * every condition take one branch as vectors; where they do not, each lane chooses for itself.
 */
import type { Expr } from "../../kernel/ir.ts";
import { visitExprs } from "../../kernel/visit.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decide.ts";
import type { Emission } from "./emission.ts";
import { each, fitsVector, laneNumbers, toEach, toVector, uniform, vector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import { laneOfPoint } from "./point.ts";
import type { Point } from "./point.ts";
import type { Value } from "./value-graph.ts";

export type Guard = Extract<Expr, { readonly kind: "guard" }>;
export type Evaluate = (emission: Emission, point: Point, expr: Expr) => Lanes;

export function guardLanes(
  emission: Emission,
  point: Point,
  expr: Guard,
  evaluate: Evaluate,
): Lanes {
  const { graph } = emission.nest;
  const at = (x: Expr): Lanes => evaluate(emission, point, x);
  if (!loads(expr.a) && !loads(expr.b))
    return emission.arithmetic.select(at(expr.condition), at(expr.a), at(expr.b));
  const chain = chainOf(expr);
  const decisions = chain.map(({ condition }) => decide(emission, point, condition, evaluate));
  const agrees = allAgree(emission, decisions);
  if (agrees === undefined) return chooseTogether(emission, point, chain, decisions, evaluate);
  const apart = emission.nest.protect(() => chooseByLane(emission, point, expr, evaluate));
  if (!fitsVector(expr.type)) return apart;
  const together = chooseTogether(emission, point, chain, decisions, evaluate);
  const [a, b] = [toVector(graph, together), toVector(graph, apart)];
  return vector(expr.type, graph.choose(agrees, a, b));
}

/** A guard and the guards on its other side, from the first on. */
function chainOf(expr: Guard): readonly Guard[] {
  return expr.b.kind === "guard" && loads(expr.b.a) ? [expr, ...chainOf(expr.b)] : [expr];
}

/** Whether all lanes take one branch; undefined if they surely do. */
function allAgree(
  { nest: { graph } }: Emission,
  decisions: readonly Decision[],
): Value | undefined {
  const claims = decisions
    .filter(({ all, any }) => all !== any)
    .map(({ all, any }) => graph.op("i32.or", all, graph.op("i32.eqz", any)));
  return claims.length === 0 ? undefined : claims.reduce((a, b) => graph.op("i32.and", a, b));
}

/** For points that agree on every condition. */
function chooseTogether(
  emission: Emission,
  point: Point,
  chain: readonly Guard[],
  decisions: readonly Decision[],
  evaluate: Evaluate,
): Lanes {
  const at = (x: Expr): Lanes => evaluate(emission, point, x);
  return emission.nest.protect(() => {
    const last = at(chain.at(-1)!.b);
    return chain.reduceRight((rest, { a }, i) => {
      return chooseLanes(emission, decisions[i]!.all, at(a), rest);
    }, last);
  });
}

function chooseLanes({ nest: { graph } }: Emission, condition: Value, a: Lanes, b: Lanes): Lanes {
  const { type } = a;
  if (a.kind === "uniform" && b.kind === "uniform") {
    return uniform(type, graph.choose(condition, a.value, b.value));
  }
  if (fitsVector(type)) {
    return vector(type, graph.choose(condition, toVector(graph, a), toVector(graph, b)));
  }
  const [x, y] = [toEach(graph, a), toEach(graph, b)];
  return each(
    type,
    laneNumbers.map((l) => graph.choose(condition, x[l]!, y[l]!)),
  );
}

function chooseByLane(emission: Emission, point: Point, expr: Guard, evaluate: Evaluate): Lanes {
  const { graph } = emission.nest;
  const lanes = laneNumbers.map((l) => {
    const lane = evaluate(emission, laneOfPoint(graph, point, l), expr);
    return toEach(graph, lane)[0]!;
  });
  return each(expr.type, lanes);
}

function loads(expr: Expr): boolean {
  let found = false;
  visitExprs(expr, ({ kind }) => (found ||= kind === "load"));
  return found;
}

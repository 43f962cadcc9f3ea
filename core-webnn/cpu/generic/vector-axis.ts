/**
 * Chooses the axis that vectors run along: one of the kernel's space, or of each loop and reduction its
 * own. Compared are rough operations for four points of the space: what lies side by side is one access,
 * what does not is four and their packing, and what is not vectorised is done four times.
 */
import {
  addAddress,
  affine,
  axisAddress,
  constant,
  mulAddress,
  substituteAddress,
} from "../../kernel/address.ts";
import type { Address, Axis, Expr, Kernel, Stmt } from "../../kernel/ir.ts";
import { costOf, visitExprs } from "../../kernel/visit.ts";
import type { Size } from "../../util/size.ts";
import { isIdempotent } from "./idempotent.ts";
import { laneCount } from "./lanes.ts";
import { laneAxis } from "./point.ts";

export type Looping = Extract<Stmt, { readonly kind: "loop" | "reduce" }>;

/** The axes of loops and reductions that have been chosen. */
export type AxisChoices = Map<Looping, Axis | undefined>;

/** Rounds of a loop whose extent is known at dispatch only. */
const unknownExtent = 64;

/** Combining the lanes of a reduction at its end. */
const foldCost = 12;

/** The axis of the space to vectorise along, or undefined where inner axes, or scalars, do better. */
export function chooseSpaceAxis(
  { space, body }: Pick<Kernel, "space" | "body">,
  choices: AxisChoices,
): Axis | undefined {
  const byParts = sum(body.map((stmt) => workWithin(stmt, choices)));
  return cheapest(space, (axis) => workAlong(body, axis), byParts);
}

/** The axis that a loop or reduction at a single point is vectorised along. */
export function chooseInnerAxis(stmt: Looping, choices: AxisChoices): Axis | undefined {
  if (choices.has(stmt)) return choices.get(stmt);
  const axis =
    stmt.kind === "reduce" && !isIdempotent(stmt)
      ? undefined
      : cheapest(stmt.axes, (a) => innerWork(stmt, a), workOfRounds(stmt, choices));
  choices.set(stmt, axis);
  return axis;
}

/** Operations per evaluation of the body, at one point. */
export function workOf(body: readonly Stmt[]): number {
  return work(body, () => 1);
}

function cheapest(
  axes: readonly Axis[],
  workAlongAxis: (axis: Axis) => number,
  otherwise: number,
): Axis | undefined {
  let best: Axis | undefined;
  let least = otherwise;
  for (const axis of [...axes].reverse()) {
    const total = workAlongAxis(axis);
    if (total < least) [best, least] = [axis, total];
  }
  return best;
}

/** For four points: loops and reductions each choose for themselves. */
function workWithin(stmt: Stmt, choices: AxisChoices): number {
  if (stmt.kind === "scan") {
    return roundsOf([stmt.axis]) * sum(stmt.body.map((inner) => workWithin(inner, choices)));
  }
  if (stmt.kind !== "loop" && stmt.kind !== "reduce") return laneCount * workOf([stmt]);
  const axis = chooseInnerAxis(stmt, choices);
  return axis === undefined ? workOfRounds(stmt, choices) : innerWork(stmt, axis);
}

/** For four points, if a loop is not vectorised itself. */
function workOfRounds(stmt: Looping, choices: AxisChoices): number {
  if (stmt.kind === "reduce") return laneCount * workOf([stmt]);
  return roundsOf(stmt.axes) * sum(stmt.body.map((inner) => workWithin(inner, choices)));
}

function innerWork(stmt: Looping, axis: Axis): number {
  const overhead = stmt.kind === "reduce" ? laneCount * foldCost : 0;
  return workAlong([stmt], axis) + overhead;
}

/** For four points of an axis, or for all of its points as a part of the body. */
function workAlong(body: readonly Stmt[], axis: Axis): number {
  return work(body, (address) => accessWork(address, axis)) * raggedness(axis.extent);
}

function work(body: readonly Stmt[], access: (address: Address) => number): number {
  const ofExpr = (expr: Expr): number => {
    let total = costOf(expr);
    visitExprs(expr, (x) => (total += x.kind === "load" ? access(x.address) - 1 : 0));
    return total;
  };
  return sum(body.map((stmt) => workOfStatement(stmt, access, ofExpr)));
}

function workOfStatement(
  stmt: Stmt,
  access: (address: Address) => number,
  ofExpr: (expr: Expr) => number,
): number {
  switch (stmt.kind) {
    case "let":
      return ofExpr(stmt.value);
    case "store":
      return ofExpr(stmt.value) + access(stmt.address);
    case "loop":
      return roundsOf(stmt.axes) * work(stmt.body, access);
    case "scan":
      return roundsOf([stmt.axis]) * work(stmt.body, access);
    case "reduce": {
      const exprs = [...stmt.lets.map(({ value }) => value), ...stmt.map, ...stmt.combine];
      return roundsOf(stmt.axes) * sum(exprs.map(ofExpr));
    }
    case "contract":
      return roundsOf(stmt.k) * (ofExpr(stmt.a) + ofExpr(stmt.b) + 2);
    default:
      return stmt satisfies never;
  }
}

/** Of four neighbours along the axis. */
function accessWork(address: Address, axis: Axis): number {
  const stride = affine(address, [axis])?.strides[0] ?? strideInVectors(address, axis);
  if (stride?.kind !== "const") return 8;
  if (stride.value === 0) return 0.5;
  return stride.value === 1 ? 1 : 5;
}

/** Of an address that is uneven along the axis but even within each vector: `i / 32`. */
function strideInVectors(address: Address, axis: Axis): Address | undefined {
  const vector: Axis = { name: `${axis.name}'vector`, extent: axis.extent };
  const lanes = addAddress(
    mulAddress(axisAddress(vector), constant(laneCount)),
    axisAddress(laneAxis),
  );
  const here = substituteAddress(address, new Map([[axis.name, lanes]]));
  return affine(here, [laneAxis])?.strides[0];
}

/** How much more work a vectorised axis has because its last elements make no vector. */
function raggedness(extent: Size): number {
  if (typeof extent !== "number" || extent === 0) return 1;
  return (Math.floor(extent / laneCount) + (extent % laneCount)) / (extent / laneCount);
}

function roundsOf(axes: readonly Axis[]): number {
  return axes.reduce((product, { extent }) => {
    return product * (typeof extent === "number" ? extent : unknownExtent);
  }, 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/**
 * Where a body is evaluated: one point of the kernel's axes, or four neighbouring points at once.
 *
 * `axes` gives the kernel's axes in terms of the loops that are open. At four points one of them also
 * depends on the lane, an axis of extent 4.
 */
import { constant, substituteAddress } from "../../kernel/address.ts";
import type { Address, Axis, Expr } from "../../kernel/ir.ts";
import { axesOf, visitAddresses, visitExprs } from "../../kernel/visit.ts";
import type { Lanes } from "./lanes.ts";
import { laneCount, laneOf, uniform } from "./lanes.ts";
import type { ValueGraph } from "./value-graph.ts";

export interface Point {
  readonly axes: ReadonlyMap<string, Address>;
  readonly isVector: boolean;
  readonly locals: ReadonlyMap<string, Lanes>;
  /** What has been built at this point. */
  readonly built: Map<Expr, Lanes>;
}

export const laneAxis: Axis = { name: "'lane", extent: laneCount };

/** Outside all axes. */
export function startPoint(): Point {
  return { axes: new Map(), isVector: false, locals: new Map(), built: new Map() };
}

export function withAxis(
  point: Point,
  name: string,
  address: Address,
  isVector = point.isVector,
): Point {
  return { ...point, isVector, axes: new Map(point.axes).set(name, address), built: new Map() };
}

/** Names are unique, so what was built before a local is set does not mention it. */
export function withLocals(point: Point, names: readonly string[], lanes: readonly Lanes[]): Point {
  const locals = new Map(point.locals);
  names.forEach((name, i) => locals.set(name, lanes[i]!));
  return { ...point, locals };
}

/** For a body in which locals mean something else than after it. */
export function apart(point: Point): Point {
  return { ...point, built: new Map() };
}

/** One of the four points. */
export function laneOfPoint(graph: ValueGraph, point: Point, lane: number): Point {
  const by = new Map([[laneAxis.name, constant(lane)]]);
  const axes = new Map<string, Address>(by);
  for (const [name, address] of point.axes) axes.set(name, substituteAddress(address, by));
  const locals = new Map<string, Lanes>();
  for (const [name, lanes] of point.locals) {
    locals.set(name, uniform(lanes.type, laneOf(graph, lanes, lane)));
  }
  return { axes, isVector: false, locals, built: new Map() };
}

/** Whether an address, in terms of the open loops, differs between the four points. */
export function varies(address: Address, point: Point): boolean {
  return point.isVector && (axesOf(address).has(laneAxis.name) || readsVarying(address, point));
}

/** Whether an address computes with locals that differ between the four points. */
export function readsVarying(address: Address, point: Point): boolean {
  let found = false;
  const onExpr = (x: Expr): void => {
    if (x.kind === "local" && point.locals.get(x.name)?.kind !== "uniform") found = true;
  };
  visitAddresses(address, (part) => part.kind === "value" && visitExprs(part.value, onExpr));
  return found;
}

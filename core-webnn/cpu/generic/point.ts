/**
 * Where a body is evaluated: one point of the kernel's axes, or four neighbouring points at once.
 *
 * `axes` gives the kernel's axes in terms of the loops that are open. At four points one of them also
 * depends on the lane, an axis of extent 4.
 */
import {
  addAddress,
  addressRange,
  affine,
  axisAddress,
  constant,
  substituteAddress,
} from "../../kernel/address.ts";
import type { Address, Axis, Expr } from "../../kernel/ir.ts";
import { axesOf, visitAddresses, visitExprs } from "../../kernel/visit.ts";
import type { Lanes } from "./lanes.ts";
import { laneCount, laneOf, uniform } from "./lanes.ts";
import type { ValueGraph } from "./value-graph.ts";

export interface Point {
  readonly axes: ReadonlyMap<string, Address>;
  readonly isVector: boolean;
  /** Where the lanes are, if they run along an axis. */
  readonly strip?: StripPosition;
  readonly locals: ReadonlyMap<string, Lanes>;
  /** What has been built at this point. */
  readonly built: Map<Expr, Lanes>;
}

/** One of the vectors of a round: they lie side by side along an axis. */
export interface StripPosition {
  readonly axis: Axis;
  /** The axis at the first lane of the first vector. */
  readonly first: Address;
  /** Elements from there to this vector's first lane. */
  readonly offset: number;
  /** Addresses as they are at `first`, for all vectors of the round. */
  readonly views: Map<Address, StripView | undefined>;
}

/** An address that grows evenly along the strip: `base` at its first element, and elements per step. */
export interface StripView {
  readonly base: Address;
  readonly stride: number;
  /** Whether the base is an element, and not before the first: guarded addresses may start there. */
  readonly isInside: boolean;
}

export const laneAxis: Axis = { name: "'lane", extent: laneCount };

/** Outside all axes. */
export function startPoint(): Point {
  return { axes: new Map(), isVector: false, locals: new Map(), built: new Map() };
}

export function withAxis(point: Point, name: string, address: Address): Point {
  return { ...point, axes: new Map(point.axes).set(name, address), built: new Map() };
}

/** The points of one vector. */
export function withVector(point: Point, strip: StripPosition): Point {
  const lanes = addAddress(strip.first, constant(strip.offset));
  const address = addAddress(lanes, axisAddress(laneAxis));
  return { ...withAxis(point, strip.axis.name, address), isVector: true, strip };
}

/** Undefined where the address does not grow evenly, or depends on data that differs by lane. */
export function viewOf(point: Point, address: Address): StripView | undefined {
  const { strip } = point;
  if (strip === undefined) return undefined;
  if (!strip.views.has(address)) strip.views.set(address, makeView(point, strip, address));
  return strip.views.get(address);
}

function makeView(point: Point, strip: StripPosition, address: Address): StripView | undefined {
  if (readsLocals(address)) return undefined; // They may differ from vector to vector.
  const stride = affine(address, [strip.axis])?.strides[0];
  if (stride?.kind !== "const") return undefined;
  const axes = new Map(point.axes).set(strip.axis.name, strip.first);
  const base = substituteAddress(address, axes);
  return { base, stride: stride.value, isInside: addressRange(base)[0] >= 0 };
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
  return localsIn(address).some((name) => point.locals.get(name)?.kind !== "uniform");
}

function readsLocals(address: Address): boolean {
  return localsIn(address).length > 0;
}

function localsIn(address: Address): readonly string[] {
  const names: string[] = [];
  visitAddresses(address, (part) => {
    if (part.kind !== "value") return;
    visitExprs(part.value, (x) => x.kind === "local" && names.push(x.name));
  });
  return names;
}

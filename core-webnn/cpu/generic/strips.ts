/**
 * Splits an axis into strips: groups of several vectors, single vectors, and the few elements left.
 *
 * A strip's loop counts groups. Strips that are surely empty are left out, so an axis whose extent is a
 * known multiple of the group has one loop.
 */
import {
  addAddress,
  axisAddress,
  constant,
  floorDivAddress,
  mulAddress,
  sizeAddress,
} from "../../kernel/address.ts";
import type { Address, Axis } from "../../kernel/ir.ts";
import { divideExactly, floorDivideSizes } from "../../util/size.ts";
import type { Size } from "../../util/size.ts";
import { laneCount } from "./lanes.ts";
import type { Nest } from "./nest.ts";

/** Part of an axis: `count` elements from `start` on, a multiple of the largest group. */
export interface Stretch {
  readonly axis: Axis;
  readonly start: Address;
  readonly count: Address;
  /** The most elements `count` can be. */
  readonly limit: Size;
}

export interface Strip {
  readonly kind: "vectors" | "vector" | "scalar";
  readonly counter: Axis;
  readonly begin: Address;
  readonly end: Address;
  /** The axis at the first element of a round. */
  readonly first: Address;
  /** Points of a round: elements, or vectors of four. */
  readonly pointCount: number;
}

export function stretchOf(axis: Axis): Stretch {
  return { axis, start: constant(0), count: sizeAddress(axis.extent), limit: axis.extent };
}

export function stripsOf(nest: Nest, stretch: Stretch, unroll: number): readonly Strip[] {
  const { axis, count, limit } = stretch;
  const group = laneCount * unroll;
  const [groups, vectors] = [quotient(count, group), quotient(count, laneCount)];
  const strips: Strip[] = [];
  if (unroll > 1 && atLeast(limit, group)) {
    strips.push(strip(nest, stretch, "vectors", { unit: group, begin: constant(0), end: groups }));
  }
  if (atLeast(limit, laneCount) && !takesAllVectors(axis.extent, unroll)) {
    const begin = unroll === 1 ? constant(0) : mulAddress(groups, constant(unroll));
    strips.push(strip(nest, stretch, "vector", { unit: laneCount, begin, end: vectors }));
  }
  if (!isMultiple(axis.extent, laneCount)) {
    const begin = mulAddress(vectors, constant(laneCount));
    strips.push(strip(nest, stretch, "scalar", { unit: 1, begin, end: count }));
  }
  return strips;
}

interface Range {
  /** Elements per round. */
  readonly unit: number;
  readonly begin: Address;
  readonly end: Address;
}

function strip(
  nest: Nest,
  { axis, start, limit }: Stretch,
  kind: Strip["kind"],
  { unit, begin, end }: Range,
): Strip {
  const counter = nest.freshAxis(axis.name, floorDivideSizes(limit, unit));
  const first = addAddress(start, mulAddress(axisAddress(counter), constant(unit)));
  return { kind, counter, begin, end, first, pointCount: Math.ceil(unit / laneCount) };
}

function quotient(count: Address, by: number): Address {
  return floorDivAddress(count, constant(by));
}

function atLeast(limit: Size, count: number): boolean {
  return typeof limit !== "number" || limit >= count;
}

function isMultiple(extent: Size, of: number): boolean {
  return typeof extent === "number" ? extent % of === 0 : divideExactly(extent, of) !== undefined;
}

/** Whether groups of `unroll` vectors leave no whole vector of the axis. */
function takesAllVectors(extent: Size, unroll: number): boolean {
  if (unroll === 1) return false;
  if (typeof extent !== "number") return isMultiple(extent, unroll * laneCount);
  return Math.floor(extent / laneCount) % unroll === 0;
}

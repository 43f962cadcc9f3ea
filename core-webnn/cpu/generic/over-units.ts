/** The loop over a range of units, which steps through the axes they number as an odometer does. */
import { sizeAddress } from "../../kernel/address.ts";
import type { Axis } from "../../kernel/ir.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { integerOf } from "./emit-address.ts";
import * as integers from "./integers.ts";
import { startPoint } from "./point.ts";
import type { Value } from "./value-graph.ts";

export interface UnitRange {
  readonly begin: Value;
  readonly end: Value;
}

export function overUnits(
  emission: Emission,
  axes: readonly Axis[],
  { begin, end }: UnitRange,
  body: () => void,
): void {
  const { nest } = emission;
  const counted = axes.filter(({ extent }) => extent !== 1);
  for (const axis of axes) if (axis.extent === 1) nest.bind(axis.name, nest.graph.i32(0));
  const [only] = counted;
  if (counted.length === 1) {
    nest.loop({ axis: only!, start: begin, end }, [], () => {
      body();
      return [];
    });
    return;
  }
  const extents = counted.map(({ extent }) => {
    const value = integerOf(addressesAt(emission, startPoint()), sizeAddress(extent));
    return integers.divisorOf(nest.graph, value);
  });
  const unit = nest.freshAxis("unit", 2 ** 31 - 1);
  nest.loop({ axis: unit, start: begin, end }, indexOf(emission, begin, extents), (...index) => {
    counted.forEach(({ name }, d) => nest.bind(name, index[d]!));
    body();
    return step(emission, index, extents);
  });
}

/** The index of unit number `unit`. */
function indexOf({ nest: { graph } }: Emission, unit: Value, extents: readonly Value[]): Value[] {
  const index: Value[] = [];
  let rest = unit;
  for (let d = extents.length - 1; d > 0; d--) {
    index.unshift(integers.modulo(graph, rest, extents[d]!, true));
    rest = integers.floorDivide(graph, rest, extents[d]!, true);
  }
  return extents.length === 0 ? [] : [rest, ...index];
}

/** The next index: an axis that reaches its extent starts again and carries one to the axis before. */
function step(
  { nest: { graph } }: Emission,
  index: readonly Value[],
  extents: readonly Value[],
): Value[] {
  const next: Value[] = [];
  let carry: Value = graph.i32(1);
  for (let d = index.length - 1; d >= 0; d--) {
    const moved = integers.add(graph, index[d]!, carry);
    if (d === 0) return [moved, ...next];
    carry = graph.op("i32.eq", moved, extents[d]!);
    next.unshift(graph.select(carry, graph.i32(0), moved));
  }
  return next;
}

/**
 * Where the elements lie that four neighbouring points load or store.
 *
 * Neighbouring elements are one vector access; with another constant stride each lane has the first
 * lane's address and an immediate offset; else each lane computes its own address.
 */
import { addAddress, affine, constant, substituteAddress } from "../../kernel/address.ts";
import type { Address } from "../../kernel/ir.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { placeOf, sharedPlaceOf } from "./emit-address.ts";
import type { Place } from "./nest.ts";
import { laneNumbers } from "./lanes.ts";
import { laneAxis, laneOfPoint, readsVarying, varies, viewOf } from "./point.ts";
import type { Point, StripView } from "./point.ts";

/** Addresses are in terms of the open loops. */
export type Access = { readonly kind: "uniform"; readonly address: Address } | SpreadAccess;

export interface SpreadAccess {
  readonly kind: "spread";
  /** From each lane to the next, in elements; undefined where it is not one constant. */
  readonly stride: number | undefined;
  /** The first lane is `offset` elements after this address, if all are evenly apart. */
  readonly base: Address;
  readonly offset: number;
  /** Whether the other vectors of the round have the same base. */
  readonly isShared: boolean;
  /** The address of each lane. */
  readonly lane: (l: number) => Address;
}

export function accessOf(point: Point, address: Address): Access {
  const view = viewOf(point, address);
  if (view !== undefined) return evenAccess(view, point.strip!.offset * view.stride);
  const here = substituteAddress(address, point.axes);
  if (!varies(here, point)) return { kind: "uniform", address: here };
  const lane = (l: number): Address => atLane(here, l);
  const parts = readsVarying(here, point) ? undefined : affine(here, [laneAxis]);
  const stride = parts?.strides[0];
  if (parts === undefined || stride?.kind !== "const") {
    return { kind: "spread", stride: undefined, base: here, offset: 0, isShared: false, lane };
  }
  return {
    kind: "spread",
    stride: stride.value,
    base: parts.base,
    offset: 0,
    isShared: false,
    lane,
  };
}

function evenAccess({ base, stride, isInside }: StripView, offset: number): Access {
  if (stride === 0) return { kind: "uniform", address: base };
  const lane = (l: number): Address => addAddress(base, constant(offset + l * stride));
  // An immediate does not wrap around, so it is added to nothing that may lie before the buffer.
  if (!isInside) {
    return { kind: "spread", stride, base: lane(0), offset: 0, isShared: false, lane };
  }
  return { kind: "spread", stride, base, offset, isShared: true, lane };
}

/** The places of the four lanes. */
export function placesOf(
  emission: Emission,
  point: Point,
  buffer: number,
  access: SpreadAccess,
  elementByteLength: number,
): readonly Place[] {
  const { stride } = access;
  if (stride === undefined) {
    return laneNumbers.map((l) => {
      const scope = addressesAt(emission, laneOfPoint(emission.nest.graph, point, l));
      return placeOf(scope, buffer, access.lane(l), elementByteLength);
    });
  }
  const scope = addressesAt(emission, point);
  if (stride < 0) {
    // Immediates are not negative, so these count from the last lane's own address.
    const last = laneNumbers.length - 1;
    const place = placeOf(scope, buffer, access.lane(last), elementByteLength);
    return laneNumbers.map((l) => moved(place, (l - last) * stride * elementByteLength));
  }
  const find = access.isShared ? sharedPlaceOf : placeOf;
  const place = find(scope, buffer, access.base, elementByteLength);
  return laneNumbers.map((l) => moved(place, (access.offset + l * stride) * elementByteLength));
}

function moved({ address, offset }: Place, bytes: number): Place {
  return { address, offset: offset + bytes };
}

function atLane(address: Address, lane: number): Address {
  return substituteAddress(address, new Map([[laneAxis.name, constant(lane)]]));
}

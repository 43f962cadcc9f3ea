/**
 * Where the elements lie that four neighbouring points load or store.
 *
 * Neighbouring elements are one vector access; with another constant stride each lane has the first
 * lane's address and an immediate offset; else each lane computes its own address.
 */
import { affine, constant, substituteAddress } from "../../kernel/address.ts";
import type { Address } from "../../kernel/ir.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { placeOf } from "./emit-address.ts";
import type { Place } from "./emit-address.ts";
import { laneNumbers } from "./lanes.ts";
import { laneAxis, laneOfPoint, readsVarying, varies } from "./point.ts";
import type { Point } from "./point.ts";

/** Addresses are in terms of the open loops, one per lane. */
export type Access = { readonly kind: "uniform"; readonly address: Address } | SpreadAccess;

export interface SpreadAccess {
  readonly kind: "spread";
  readonly addresses: readonly Address[];
  /** From each lane to the next, in elements; undefined where it is not one constant. */
  readonly stride: number | undefined;
}

export function accessOf(point: Point, address: Address): Access {
  const here = substituteAddress(address, point.axes);
  if (!varies(here, point)) return { kind: "uniform", address: here };
  const addresses = laneNumbers.map((l) => atLane(here, l));
  const stride = readsVarying(here, point) ? undefined : affine(here, [laneAxis])?.strides[0];
  return { kind: "spread", addresses, stride: stride?.kind === "const" ? stride.value : undefined };
}

/** The places of the four lanes. */
export function placesOf(
  emission: Emission,
  point: Point,
  buffer: number,
  { addresses, stride }: SpreadAccess,
  elementByteLength: number,
): readonly Place[] {
  const { graph } = emission.nest;
  if (stride === undefined) {
    return addresses.map((address, l) => {
      const scope = addressesAt(emission, laneOfPoint(graph, point, l));
      return placeOf(scope, buffer, address, elementByteLength);
    });
  }
  // Immediates are not negative, so a falling stride counts from the last lane.
  const lowest = stride < 0 ? laneNumbers.length - 1 : 0;
  const scope = addressesAt(emission, point);
  const { address, offset } = placeOf(scope, buffer, addresses[lowest]!, elementByteLength);
  return laneNumbers.map((l) => ({
    address,
    offset: offset + (l - lowest) * stride * elementByteLength,
  }));
}

function atLane(address: Address, lane: number): Address {
  return substituteAddress(address, new Map([[laneAxis.name, constant(lane)]]));
}

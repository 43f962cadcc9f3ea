/** An address as an i32 value. */
import type { Address } from "../../kernel/ir.ts";
import { accessOf } from "./access.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { integerOf } from "./emit-address.ts";
import { each, laneNumbers, uniform, vector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import { laneOfPoint } from "./point.ts";
import type { Point } from "./point.ts";

export function indexLanes(emission: Emission, point: Point, address: Address): Lanes {
  const { graph } = emission.nest;
  const access = accessOf(point, address);
  const scope = addressesAt(emission, point);
  if (access.kind === "uniform") return uniform("i32", integerOf(scope, access.address));
  const { stride, base, offset } = access;
  if (stride === undefined) {
    const values = laneNumbers.map((l) => {
      const lane = addressesAt(emission, laneOfPoint(graph, point, l));
      return integerOf(lane, access.lane(l));
    });
    return each("i32", values);
  }
  const first = graph.op("i32x4.splat", integerOf(scope, base));
  const steps = laneNumbers.map((l) => offset + l * stride) as [number, number, number, number];
  return vector("i32", graph.op("i32x4.add", first, graph.words(...steps)));
}

/** An address as an i32 value. */
import { constant, substituteAddress } from "../../kernel/address.ts";
import { affine } from "../../kernel/address.ts";
import type { Address } from "../../kernel/ir.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { integerOf } from "./emit-address.ts";
import { each, laneNumbers, uniform, vector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import { laneAxis, laneOfPoint, readsVarying, varies } from "./point.ts";
import type { Point } from "./point.ts";

export function indexLanes(emission: Emission, point: Point, address: Address): Lanes {
  const { graph } = emission.nest;
  const here = substituteAddress(address, point.axes);
  if (!varies(here, point)) return uniform("i32", integerOf(addressesAt(emission, point), here));
  const parts = readsVarying(here, point) ? undefined : affine(here, [laneAxis]);
  const stride = parts?.strides[0];
  if (parts === undefined || stride?.kind !== "const") {
    return each(
      "i32",
      laneNumbers.map((l) => {
        const lane = laneOfPoint(graph, point, l);
        const by = new Map([[laneAxis.name, constant(l)]]);
        return integerOf(addressesAt(emission, lane), substituteAddress(here, by));
      }),
    );
  }
  const base = graph.op("i32x4.splat", integerOf(addressesAt(emission, point), parts.base));
  const [a, b, c, d] = laneNumbers.map((l) => l * stride.value) as [number, number, number, number];
  return vector("i32", graph.op("i32x4.add", base, graph.words(a, b, c, d)));
}

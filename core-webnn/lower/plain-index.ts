/**
 * Whether an index node is an address and nothing else: no guard, no index that is read.
 *
 * Whatever is read stands for itself while its row is asked, so that an index that is read shows.
 */
import { axisAddress } from "../kernel/address.ts";
import { local as readLocal, valueTypeOf } from "../kernel/expr.ts";
import type { Address } from "../kernel/ir.ts";
import type { Value } from "../graph/ir.ts";
import type { ArgValues, Row } from "../ops/row.ts";

export function isPlain(row: Row, args: ArgValues, outputs: readonly Value[]): boolean {
  if (row.lower.kind !== "index") return false;
  const { value } = row.lower;
  return outputs.every(({ shape }, i) => {
    const index = shape.map((extent, d) => axisAddress({ name: `i${d}`, extent }));
    let plain = true;
    const expr = value(
      ({ dataType }, at) => {
        plain &&= !at.some(readsData);
        return readLocal({ name: "read", type: valueTypeOf(dataType) });
      },
      index,
      args,
      outputs,
      i,
    );
    return plain && expr.kind === "local";
  });
}

function readsData(address: Address): boolean {
  switch (address.kind) {
    case "const":
    case "size":
    case "axis":
      return false;
    case "value":
      return true;
    default:
      return readsData(address.a) || readsData(address.b);
  }
}

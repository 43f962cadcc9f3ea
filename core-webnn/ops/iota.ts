/**
 * iota: start, start + delta, …, `length` numbers. An extension: the standard has no op that makes indices,
 * and constants cannot have a length that is known only at dispatch. Its sizes are lists of one.
 */
import { addAddress, mulAddress, sizeAddress } from "../kernel/address.ts";
import { cast, index as indexValue, valueTypeOf } from "../kernel/expr.ts";
import { anyType, exactRank } from "./operands.ts";
import { op } from "./row.ts";
import { checkLength } from "./shapes.ts";

export const iota = op("iota", {
  args: {
    dataType: { kind: "dataType" },
    length: { kind: "sizes" },
    start: { kind: "sizes", default: [0] },
    delta: { kind: "sizes", default: [1] },
  },
  outputs: { output: { types: anyType, ranks: exactRank(1) } },
  infer({ dataType, length, start, delta }) {
    checkLength(length, 1, "length");
    checkLength(start, 1, "start");
    checkLength(delta, 1, "delta");
    return [{ dataType, shape: length }];
  },
  lower: {
    kind: "index",
    value(_, [at], { dataType, start, delta }) {
      const [first, step] = [sizeAddress(start[0]!), sizeAddress(delta[0]!)];
      return cast(valueTypeOf(dataType), indexValue(addAddress(first, mulAddress(at!, step))));
    },
  },
  ulp: 0,
});

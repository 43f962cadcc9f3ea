/** pad and triangular: an index operation under a predicate, else a fill. */
import {
  addAddress,
  constant,
  maxAddress,
  mulAddress,
  subtractAddress,
} from "../kernel/address.ts";
import { guard, select } from "../kernel/expr.ts";
import type { Address } from "../kernel/ir.ts";
import { addSizes, type Size } from "../util/size.ts";
import { allOf, clampIndex, compareAddresses, insideDimension, lastIndex } from "./addresses.ts";
import { anyType, operand } from "./operands.ts";
import { op, type Row } from "./row.ts";
import { checkLength } from "./shapes.ts";
import { numberOf } from "./values.ts";

/** https://www.w3.org/TR/webnn/#api-mlgraphbuilder-pad */
export const pad = op("pad", {
  args: {
    input: operand(anyType),
    beginningPadding: { kind: "u32List" },
    endingPadding: { kind: "u32List" },
  },
  options: {
    mode: { kind: "enum", values: ["constant", "edge", "reflection"], default: "constant" },
    value: { kind: "number", as: "input", default: 0 },
  },
  infer({ input, beginningPadding, endingPadding, mode }, claims) {
    checkLength(beginningPadding, input.shape.length, "beginningPadding");
    checkLength(endingPadding, input.shape.length, "endingPadding");
    const shape = input.shape.map((size, d) => {
      const [before, after] = [beginningPadding[d]!, endingPadding[d]!];
      if (mode === "reflection") {
        const says = `1 + reflected padding and size of dimension ${d}`;
        claims.atMost(1 + Math.max(before, after), size, says);
      }
      return addSizes(size, before, after);
    });
    return [{ dataType: input.dataType, shape }];
  },
  lower: {
    kind: "index",
    value(read, index, { input, beginningPadding, mode, value }) {
      const source = index.map((at, d) => addAddress(at, constant(-beginningPadding[d]!)));
      if (mode === "constant") {
        const inside = allOf(source.map((at, d) => insideDimension(at, input.shape[d]!)));
        return guard(inside, read(input, source), numberOf(input.dataType, value));
      }
      const nearest = mode === "edge" ? clampIndex : reflect;
      return read(
        input,
        source.map((at, d) => nearest(at, input.shape[d]!)),
      );
    },
  },
  ulp: 0,
});

/** https://www.w3.org/TR/webnn/#api-mlgraphbuilder-triangular */
export const triangular = op("triangular", {
  args: { input: operand(anyType, { min: 2 }) },
  options: {
    upper: { kind: "boolean", default: true },
    diagonal: { kind: "i32", default: 0 },
  },
  infer: ({ input }) => [input],
  lower: {
    kind: "index",
    value(read, index, { input, upper, diagonal }) {
      const [row, column] = index.slice(-2) as [Address, Address];
      const onDiagonal = addAddress(row, constant(diagonal));
      const kept = compareAddresses(upper ? "ge" : "le", column, onDiagonal);
      return select(kept, read(input, index), numberOf(input.dataType, 0));
    },
  },
  ulp: 0,
});

export const padRows: readonly Row[] = [pad, triangular];

/** -1 is 1, and one past the last is the one before it: last - |last - |at||. */
function reflect(at: Address, size: Size): Address {
  const last = lastIndex(size);
  return subtractAddress(last, magnitude(subtractAddress(last, magnitude(at))));
}

function magnitude(at: Address): Address {
  return maxAddress(at, mulAddress(constant(-1), at));
}

/** cumulativeSum (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-cumulativesum): a step for each element along the axis. */
import { addAddress, constant, subtractAddress } from "../kernel/address.ts";
import { constantOf, guard, valueTypeOf } from "../kernel/expr.ts";
import { compareAddresses, lastIndex } from "./addresses.ts";
import { operand, summableTypes } from "./operands.ts";
import { op, type Row } from "./row.ts";
import { checkAxis, termCount } from "./shapes.ts";
import { add } from "./values.ts";
import { inFloat32 } from "./widen.ts";

const options = {
  exclusive: { kind: "boolean", default: false },
  reversed: { kind: "boolean", default: false },
} as const;

export const cumulativeSum = op("cumulativeSum", {
  args: { input: operand(summableTypes, { min: 1 }), axis: { kind: "u32" } },
  options,
  infer({ input, axis }) {
    checkAxis(axis, input.shape.length);
    return [input];
  },
  lower: {
    kind: "decompose",
    into: (addNode, { input, ...rest }) =>
      input.dataType === "float16"
        ? inFloat32(addNode, input, (x) => addNode(runningSum, { input: x, ...rest }))
        : addNode(runningSum, { input, ...rest }),
  },
  ulp: ({ input, axis }) => termCount([input.shape[axis]!]),
});

const wholeTypes = summableTypes.filter((type) => type !== "float16");

/** The same, of types that its sums are kept in. */
export const runningSum = op("runningSum", {
  args: { input: operand(wholeTypes, { min: 1 }), axis: { kind: "u32" } },
  options,
  infer: ({ input }) => [input],
  lower: {
    kind: "scan",
    of({ input, axis, exclusive, reversed }, [output]) {
      const size = input.shape[axis]!;
      const zero = constantOf(valueTypeOf(input.dataType), 0);
      return {
        batch: input.shape.toSpliced(axis, 1),
        steps: size,
        first: () => [],
        each(read, batch, step) {
          const place = (at: typeof step) =>
            batch.toSpliced(axis, 0, reversed ? subtractAddress(lastIndex(size), at) : at);
          const before = place(addAddress(step, constant(-1)));
          const isLater = compareAddresses("gt", step, constant(0));
          const sum = add(read(output!, before), read(input, exclusive ? before : place(step)));
          const first = exclusive ? zero : read(input, place(step));
          const write = { output: 0, index: place(step), value: guard(isLater, sum, first) };
          return [{ extents: [], writes: () => [write] }];
        },
      };
    },
  },
  ulp: ({ input, axis }) => termCount([input.shape[axis]!]),
});

export const cumulativeSumRows: readonly Row[] = [cumulativeSum];

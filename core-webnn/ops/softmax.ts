/** softmax (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-softmax-method). */
import { div, sub } from "./binary.ts";
import { floatTypes, operand } from "./operands.ts";
import { reduceMax, reduceSum } from "./reduce.ts";
import { op, type Row } from "./row.ts";
import { checkAxis, termCount } from "./shapes.ts";
import { exp } from "./unary.ts";
import { inFloat32 } from "./widen.ts";

export const softmax = op("softmax", {
  args: { input: operand(floatTypes, { min: 1 }), axis: { kind: "u32" } },
  infer({ input, axis }) {
    checkAxis(axis, input.shape.length);
    return [input];
  },
  lower: {
    kind: "decompose",
    into: (add, { input, axis }) =>
      inFloat32(add, input, (x) => {
        const rows = { axes: [axis], keepDimensions: true };
        // Subtract the maximum first, or e^x overflows.
        const centred = add(sub, { a: x, b: add(reduceMax, { input: x, ...rows }) });
        const e = add(exp, { input: centred });
        return add(div, { a: e, b: add(reduceSum, { input: e, ...rows }) });
      }),
  },
  role: "softmax",
  ulp: ({ input, axis }) => 3 * termCount([input.shape[axis]!]) + 34,
});

export const softmaxRows: readonly Row[] = [softmax];

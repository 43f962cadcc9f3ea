/** Element-wise binary operations (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-binary) and prelu. */
import { binary, compare, constantOf, select } from "../kernel/expr.ts";
import type { BinaryOp, Expr } from "../kernel/ir.ts";
import { anyRank, anyType, operand, operandLike, signedTypes } from "./operands.ts";
import { op, type Row } from "./row.ts";
import { broadcastShapes } from "./shapes.ts";

export const add = arithmetic("add", 1);
export const sub = arithmetic("sub", 1);
export const mul = arithmetic("mul", 1);
export const div = arithmetic("div", 3);
export const max = arithmetic("max", 0);
export const min = arithmetic("min", 0);
/** A square is a product: exact, and far cheaper than a power (layer norms are spelled with it). */
export const pow = arithmetic("pow", 32, (a, b) =>
  b.kind === "const" && Number(b.value) === 2 ? binary("mul", a, a) : binary("pow", a, b),
);

export const prelu = op("prelu", {
  args: { input: operand(signedTypes), slope: operandLike("input") },
  outputs: { output: { types: { sameAs: "input" }, ranks: anyRank } },
  infer: ({ input, slope }, claims) => [
    {
      dataType: input.dataType,
      shape: broadcastShapes(input.shape, slope.shape, claims, "input and slope"),
    },
  ],
  lower: {
    kind: "scalar",
    value({ input, slope }) {
      const isNegative = compare("lt", input!, constantOf(input!.type, 0));
      return select(isNegative, binary("mul", slope!, input!), input!);
    },
  },
  ulp: 1,
});

export const binaryRows: readonly Row[] = [add, sub, mul, div, max, min, pow, prelu];

function arithmetic(
  name: BinaryOp,
  ulp: number,
  value = (a: Expr, b: Expr): Expr => binary(name, a, b),
): Row {
  return op(name, {
    args: { a: operand(anyType), b: operandLike("a") },
    outputs: { output: { types: { sameAs: "a" }, ranks: anyRank } },
    infer: ({ a, b }, claims) => [
      { dataType: a.dataType, shape: broadcastShapes(a.shape, b.shape, claims, "a and b") },
    ],
    lower: { kind: "scalar", value: ({ a, b }) => value(a!, b!) },
    ulp,
  });
}

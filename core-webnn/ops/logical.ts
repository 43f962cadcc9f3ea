/** Comparisons, logical operations and where (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-logical). */
import { binary, bool, cast, compare, select, u32, unary } from "../kernel/expr.ts";
import type { BinaryOp, CompareOp, Expr, UnaryOp } from "../kernel/ir.ts";
import { anyRank, anyType, operand, operandLike } from "./operands.ts";
import { op, type Descriptor, type Row } from "./row.ts";
import { broadcastShapes } from "./shapes.ts";

const truthOutput: Row["outputs"] = { output: { types: ["uint8"], ranks: anyRank } };

export const equal = comparison("equal", "eq");
export const notEqual = comparison("notEqual", "ne");
export const greater = comparison("greater", "gt");
export const greaterOrEqual = comparison("greaterOrEqual", "ge");
export const lesser = comparison("lesser", "lt");
export const lesserOrEqual = comparison("lesserOrEqual", "le");

export const logicalAnd = connective("logicalAnd", "and");
export const logicalOr = connective("logicalOr", "or");
export const logicalXor = connective("logicalXor", "xor");
export const logicalNot = op("logicalNot", {
  args: { a: operand(["uint8"]) },
  outputs: truthOutput,
  infer: ({ a }) => [truth(a)],
  lower: { kind: "scalar", value: ({ a }) => truthValue(unary("not", isTrue(a!))) },
  ulp: 0,
});

export const isNaN = classification("isNaN");
export const isInfinite = classification("isInfinite");

export const where = op("where", {
  args: {
    condition: operand(["uint8"]),
    trueValue: operand(anyType),
    falseValue: operandLike("trueValue"),
  },
  outputs: { output: { types: { sameAs: "trueValue" }, ranks: anyRank } },
  infer({ condition, trueValue, falseValue }, claims) {
    const says = "trueValue and falseValue";
    const values = broadcastShapes(trueValue.shape, falseValue.shape, claims, says);
    const shape = broadcastShapes(condition.shape, values, claims, "condition and values");
    return [{ dataType: trueValue.dataType, shape }];
  },
  lower: {
    kind: "scalar",
    value: ({ condition, trueValue, falseValue }) =>
      select(isTrue(condition!), trueValue!, falseValue!),
  },
  ulp: 0,
});

export const logicalRows: readonly Row[] = [
  equal,
  notEqual,
  greater,
  greaterOrEqual,
  lesser,
  lesserOrEqual,
  logicalNot,
  logicalAnd,
  logicalOr,
  logicalXor,
  isNaN,
  isInfinite,
  where,
];

function comparison(name: string, relation: CompareOp): Row {
  return op(name, {
    args: { a: operand(anyType), b: operandLike("a") },
    outputs: truthOutput,
    infer: ({ a, b }, claims) => [
      { dataType: "uint8", shape: broadcastShapes(a.shape, b.shape, claims, "a and b") },
    ],
    lower: { kind: "scalar", value: ({ a, b }) => truthValue(compare(relation, a!, b!)) },
    ulp: 0,
  });
}

function connective(name: string, operation: BinaryOp): Row {
  return op(name, {
    args: { a: operand(["uint8"]), b: operandLike("a") },
    outputs: truthOutput,
    infer: ({ a, b }, claims) => [
      { dataType: "uint8", shape: broadcastShapes(a.shape, b.shape, claims, "a and b") },
    ],
    lower: {
      kind: "scalar",
      value: ({ a, b }) => truthValue(binary(operation, isTrue(a!), isTrue(b!))),
    },
    ulp: 0,
  });
}

/**
 * False for all integers: the standard's table of limits allows any type, as opSupportLimits says, though the
 * method's steps name floats alone.
 */
function classification(name: UnaryOp): Row {
  return op(name, {
    args: { a: operand(anyType) },
    outputs: truthOutput,
    infer: ({ a }) => [truth(a)],
    lower: {
      kind: "scalar",
      value: ({ a }) => truthValue(a!.type === "f32" ? unary(name, a!) : bool(false)),
    },
    ulp: 0,
  });
}

function truth({ shape }: Descriptor): Descriptor {
  return { dataType: "uint8", shape };
}

/** Any value but 0 is true. */
function isTrue(x: Expr): Expr {
  return compare("ne", x, u32(0));
}

function truthValue(x: Expr): Expr {
  return cast("u32", x);
}

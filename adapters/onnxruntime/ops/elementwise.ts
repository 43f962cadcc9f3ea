/** Ops that compute each element of one operand by itself and are, mostly, one op of WebNN. */
import { formulaOf } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import * as host from "../host/elementwise.ts";
import { roundEven } from "../host/round-even.ts";
import { erf, sigmoid } from "../host/functions.ts";
import type { ElementType } from "../model/element-type.ts";
import type { UnaryMethod } from "../webnn.ts";
import { mapOnHost } from "./arithmetic.ts";
import { each, type NumberFunction } from "./compute.ts";
import { op, type OpRow } from "./row.ts";

/** An op that is one WebNN op of one operand. */
function unary(
  name: string,
  method: UnaryMethod,
  numbers: NumberFunction,
  options: {
    readonly since?: number;
    readonly type?: ElementType;
    readonly host?: host.Elementwise;
    /** What integers without signs give, which WebNN's op does not take. */
    readonly unsigned?: (node: NodeContext) => Value;
  } = {},
): OpRow {
  return op(name, {
    since: options.since ?? 1,
    empties: "elementwise",
    results: options.type ?? 0,
    convert(node) {
      if (options.unsigned && node.type(0).startsWith("uint")) return options.unsigned(node);
      const operand = node.builder[method](node.operand(0), { label: node.label });
      return node.result(operand, options.type ?? node.type(0));
    },
    ...(options.host === undefined ? {} : { host: mapOnHost(1, options.host, options.type) }),
    compute: each(numbers, options.type),
  });
}

export const elementwiseRows: readonly OpRow[] = [
  unary("Abs", "abs", Math.abs, { host: host.abs, unsigned: (node) => node.value(0) }),
  unary("Ceil", "ceil", Math.ceil, { host: host.onFloats(Math.ceil) }),
  unary("Cos", "cos", Math.cos, { since: 7 }),
  unary("Erf", "erf", (x) => erf(x!), { since: 9 }),
  unary("Exp", "exp", Math.exp),
  unary("Floor", "floor", Math.floor, { host: host.onFloats(Math.floor) }),
  unary("IsNaN", "isNaN", (x) => Number(Number.isNaN(x)), { since: 9, type: "bool" }),
  unary("Log", "log", Math.log),
  unary("Neg", "neg", (x) => -x!, { host: host.neg }),
  unary("Not", "logicalNot", (x) => Number(x === 0), {
    type: "bool",
    host: host.onBools((a) => !a),
  }),
  unary("Reciprocal", "reciprocal", (x) => 1 / x!),
  unary("Relu", "relu", (x) => Math.max(0, x!)),
  unary("Round", "roundEven", (x) => roundEven(x!), { since: 11 }),
  unary("Sigmoid", "sigmoid", (x) => sigmoid(x!)),
  unary("Sign", "sign", (x) => Math.sign(x!), {
    since: 9,
    unsigned: (node) => node.result(formulaOf(node).min(node.operand(0), 1)),
  }),
  unary("Sin", "sin", Math.sin, { since: 7 }),
  unary("Sqrt", "sqrt", Math.sqrt, { host: host.onFloats(Math.sqrt) }),
  unary("Tan", "tan", Math.tan, { since: 7 }),
  unary("Tanh", "tanh", Math.tanh),
];

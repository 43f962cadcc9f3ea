/** Ops that compute each element of one operand by itself and are, mostly, one op of WebNN. */
import { formulaOf } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import * as host from "../host/elementwise.ts";
import { numbersOf } from "../host/host-tensor.ts";
import { roundEven } from "../host/round-even.ts";
import { erf, sigmoid } from "../host/functions.ts";
import type { ElementType } from "../model/element-type.ts";
import type { UnaryMethod } from "../webnn.ts";
import { mapOnHost } from "./arithmetic.ts";
import { each, eachBy, type NumberFunction } from "./compute.ts";
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
    ...(options.host === undefined ? {} : { host: mapOnHost(options.host, options.type) }),
    compute: each(numbers, options.type),
  });
}

/** Clip's bounds are attributes at first, scalars that may be computed since opset 11. */
function clip(node: NodeContext): Value {
  const attributes = node.opset < 11;
  const lowest = attributes ? node.float("min", -Infinity) : bound(node, 1, -Infinity);
  const highest = attributes ? node.float("max", Infinity) : bound(node, 2, Infinity);
  const { builder, label } = node;
  let x = node.operand(0);
  if (lowest !== undefined && highest !== undefined && lowest <= highest) {
    return node.result(builder.clamp(x, { minValue: lowest, maxValue: highest, label }));
  }
  // Bounds that only the device knows, or whose order makes the upper one win.
  const limit = (input: number, value: number | undefined, method: "max" | "min") => {
    if (attributes) x = formulaOf(node)[method](x, value!);
    else if (node.has(input)) x = builder[method](x, node.operand(input), { label });
  };
  limit(1, lowest, "max");
  limit(2, highest, "min");
  return node.result(x);
}

/** A bound as a number, or undefined where only the device knows it, or it is an integer that no double holds. */
function bound(node: NodeContext, input: number, otherwise: number): number | undefined {
  if (!node.has(input)) return otherwise;
  const tensor = node.host(input);
  const number = tensor === undefined ? undefined : numbersOf(tensor)?.[0];
  const isExact = tensor?.type === "float32" || Number.isSafeInteger(number);
  return isExact ? number : undefined;
}

/** Bounds that are left out do not limit. */
const clipArrays: NonNullable<OpRow["compute"]> = (node, [input, low, high], library) => {
  const limits = node.opset < 11 ? [node.float("min", -Infinity), node.float("max", Infinity)] : [];
  const lowest = limits[0] ?? Number(low?.data[0] ?? -Infinity);
  const highest = limits[1] ?? Number(high?.data[0] ?? Infinity);
  return each((x) => Math.min(Math.max(x!, lowest), highest))(node, [input], library);
};

function isInfinite(node: NodeContext): Value {
  const { builder, label } = node;
  const x = node.operand(0);
  const f = formulaOf(node);
  const { positive, negative } = infiniteSides(node);
  if (positive && negative) return node.result(builder.isInfinite(x, { label }), "bool");
  if (positive) return node.result(f.equal(x, Infinity), "bool");
  if (negative) return node.result(f.equal(x, -Infinity), "bool");
  const none = node.writer.filled("uint8", 0, node.shape(0));
  return { kind: "operand", type: "bool", operand: none };
}

function infiniteSides(node: Pick<NodeContext, "int">) {
  return {
    positive: node.int("detect_positive", 1) !== 0,
    negative: node.int("detect_negative", 1) !== 0,
  };
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
  op("IsInf", {
    since: 10,
    empties: "elementwise",
    results: "bool",
    convert: isInfinite,
    compute: eachBy((node) => {
      const { positive, negative } = infiniteSides(node);
      return (x) => Number((positive && x === Infinity) || (negative && x === -Infinity));
    }, "bool"),
  }),
  op("Clip", { empties: "elementwise", convert: clip, compute: clipArrays }),
];

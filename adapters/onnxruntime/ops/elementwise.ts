/** Ops that compute each element by itself: arithmetic, comparison, logic, activations, casts. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import * as host from "../host/elementwise.ts";
import { isHostType, numbersOf } from "../host/host-tensor.ts";
import { elementTypeOf, isFloatType, type ElementType } from "../model/element-type.ts";
import type { BinaryMethod, Operand, UnaryMethod } from "../webnn.ts";
import { stored } from "../convert/graph-writer.ts";
import { scaleProduct } from "./quantized.ts";
import { op, type OpRow } from "./row.ts";

/** An op that is one WebNN op of one operand. */
function unary(
  name: string,
  method: UnaryMethod,
  onHost?: host.Elementwise,
  options: { readonly since?: number; readonly type?: ElementType } = {},
): OpRow {
  return op(name, {
    since: options.since ?? 1,
    empties: "elementwise",
    results: options.type ?? 0,
    convert: (node) =>
      node.result(
        node.builder[method](node.operand(0), { label: node.label }),
        options.type ?? node.type(0),
      ),
    ...(onHost === undefined ? {} : { host: mapOnHost(onHost, options.type) }),
  });
}

/** An op that is one WebNN op of two operands. */
function binary(
  name: string,
  method: BinaryMethod,
  onHost: host.Elementwise,
  options: { readonly since?: number; readonly type?: ElementType } = {},
): OpRow {
  return op(name, {
    since: options.since ?? 7,
    empties: "elementwise",
    results: options.type ?? 0,
    convert: (node) => node.result(combine(node, method), options.type ?? node.type(0)),
    host: mapOnHost(onHost, options.type),
  });
}

function combine(node: NodeContext, method: BinaryMethod): Operand {
  node.broadcast(node.shape(0), node.shape(1));
  return node.builder[method](node.operand(0), node.operand(1), { label: node.label });
}

function mapOnHost(f: host.Elementwise, type?: ElementType): NonNullable<OpRow["host"]> {
  return (node, inputs) => {
    const [first] = inputs;
    const given = inputs.filter((input) => input !== undefined);
    if (first === undefined || given.length < inputs.length) return undefined;
    const result = type === "bool" ? "bool" : first.type;
    return host.mapElements(node.decisions, given, result, f, first.type);
  };
}

/** An op of any number of operands that combines them pairwise. */
function variadic(name: string, method: BinaryMethod, onHost: host.Elementwise): OpRow {
  return op(name, {
    since: 8,
    empties: "elementwise",
    convert(node) {
      let result = node.operand(0);
      for (let i = 1; i < node.inputCount; i++) {
        node.broadcast(result.shape, node.shape(i));
        result = node.builder[method](result, node.operand(i), { label: node.label });
      }
      return node.result(result);
    },
    host: (node, [first, ...others]) =>
      others.reduce<typeof first>(
        (a, b) =>
          a === undefined || b === undefined
            ? undefined
            : host.mapElements(node.decisions, [a, b], a.type, onHost),
        first,
      ),
  });
}

/** Mul of scales, and of an integer product by them, is where quantised models become real numbers again. */
function multiply(node: NodeContext): Value {
  return scaleProduct(node) ?? node.result(combine(node, "mul"));
}

function power(node: NodeContext): Value {
  const [base, exponent] = [node.operand(0), node.operand(1)];
  const label = node.label;
  const same =
    base.dataType === exponent.dataType
      ? exponent
      : node.builder.cast(exponent, base.dataType, { label });
  node.broadcast(base.shape, exponent.shape);
  return node.result(node.builder.pow(base, same, { label }));
}

/** `to` as a type that this adapter knows by name. */
function targetType(node: NodeContext): ElementType {
  const code = node.int("to", 0);
  return elementTypeOf(code) ?? node.fail(`a cast to data type ${code}`);
}

function cast(node: NodeContext): Value {
  const to = targetType(node);
  const value = node.value(0);
  if (value.kind === "product" && to === "float32") return { ...value, type: "float32" };
  const x = node.operand(0);
  const label = node.label;
  if (to === "bool") {
    if (node.type(0) === "bool") return value;
    const zero = node.writer.filled(x.dataType, 0, []);
    return node.result(node.builder.notEqual(x, zero, { label }), to);
  }
  const dataType = stored(to);
  const same = x.dataType === dataType;
  return node.result(same ? x : node.builder.cast(x, dataType, { label }), to);
}

function emptyCast(node: NodeContext): Value | undefined {
  const value = node.value(0);
  return value.kind === "empty" ? { ...value, type: targetType(node) } : undefined;
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
    if (attributes) x = builder[method](x, node.writer.filled(x.dataType, value!, []), { label });
    else if (node.has(input)) x = builder[method](x, node.operand(input), { label });
  };
  limit(1, lowest, "max");
  limit(2, highest, "min");
  return node.result(x);
}

/** A bound as a number, or undefined where only the device knows it. */
function bound(node: NodeContext, input: number, otherwise: number): number | undefined {
  if (!node.has(input)) return otherwise;
  const tensor = node.host(input);
  return tensor === undefined ? undefined : numbersOf(tensor)?.[0];
}

function gelu(node: NodeContext): Value {
  const { builder, label } = node;
  const x = node.operand(0);
  if (node.text("approximate", "none") === "none") return node.result(builder.gelu(x, { label }));
  // x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
  const number = (value: number) => node.writer.filled(x.dataType, value, []);
  const cube = builder.mul(builder.mul(x, x, { label }), x, { label });
  const sum = builder.add(x, builder.mul(cube, number(0.044715), { label }), { label });
  const inner = builder.tanh(builder.mul(sum, number(Math.sqrt(2 / Math.PI)), { label }), {
    label,
  });
  const half = builder.mul(x, number(0.5), { label });
  return node.result(builder.mul(half, builder.add(inner, number(1), { label }), { label }));
}

export const elementwiseRows: readonly OpRow[] = [
  binary("Add", "add", host.add),
  binary("Sub", "sub", host.sub),
  op("Mul", { since: 7, empties: "elementwise", convert: multiply, host: mapOnHost(host.mul) }),
  binary("Div", "div", host.div),
  op("Pow", { since: 7, empties: "elementwise", convert: power }),
  variadic("Max", "max", host.max),
  variadic("Min", "min", host.min),
  variadic("Sum", "add", host.add),

  binary("Equal", "equal", host.equal, { type: "bool" }),
  binary("Less", "lesser", host.less, { type: "bool" }),
  binary("LessOrEqual", "lesserOrEqual", host.lessOrEqual, { since: 12, type: "bool" }),
  binary("Greater", "greater", host.greater, { type: "bool" }),
  binary("GreaterOrEqual", "greaterOrEqual", host.greaterOrEqual, { since: 12, type: "bool" }),
  binary(
    "And",
    "logicalAnd",
    host.onBools((a, b) => a! && b!),
  ),
  binary(
    "Or",
    "logicalOr",
    host.onBools((a, b) => a! || b!),
  ),
  binary(
    "Xor",
    "logicalXor",
    host.onBools((a, b) => a !== b),
  ),
  unary(
    "Not",
    "logicalNot",
    host.onBools((a) => !a),
  ),

  unary("Abs", "abs", host.abs, { since: 6 }),
  unary("Ceil", "ceil", host.onFloats(Math.ceil), { since: 6 }),
  unary("Cos", "cos", undefined, { since: 7 }),
  unary("Erf", "erf", undefined, { since: 9 }),
  unary("Exp", "exp", undefined, { since: 6 }),
  unary("Floor", "floor", host.onFloats(Math.floor), { since: 6 }),
  unary("HardSwish", "hardSwish", undefined, { since: 14 }),
  unary("IsNaN", "isNaN", undefined, { since: 9, type: "bool" }),
  unary("Log", "log", undefined, { since: 6 }),
  unary("Neg", "neg", host.neg, { since: 6 }),
  unary("Reciprocal", "reciprocal", undefined, { since: 6 }),
  unary("Relu", "relu", undefined, { since: 6 }),
  unary("Round", "roundEven", undefined, { since: 11 }),
  unary("Sigmoid", "sigmoid", undefined, { since: 6 }),
  unary("Sign", "sign", undefined, { since: 9 }),
  unary("Sin", "sin", undefined, { since: 7 }),
  unary("Softplus", "softplus"),
  unary("Softsign", "softsign"),
  unary("Sqrt", "sqrt", host.onFloats(Math.sqrt), { since: 6 }),
  unary("Tan", "tan", undefined, { since: 7 }),
  unary("Tanh", "tanh", undefined, { since: 6 }),

  op("IsInf", { since: 10, empties: "elementwise", results: "bool", convert: isInfinite }),
  op("Elu", { since: 6, empties: "elementwise", convert: withAlpha("elu", 1) }),
  op("LeakyRelu", { since: 6, empties: "elementwise", convert: withAlpha("leakyRelu", 0.01) }),
  op("HardSigmoid", {
    since: 6,
    empties: "elementwise",
    convert: (node) =>
      node.result(
        node.builder.hardSigmoid(node.operand(0), {
          alpha: node.float("alpha", 0.2),
          beta: node.float("beta", 0.5),
          label: node.label,
        }),
      ),
  }),
  op("Gelu", { since: 20, empties: "elementwise", convert: gelu }),
  op("Clip", { since: 6, empties: "elementwise", convert: clip }),
  op("Where", {
    since: 9,
    empties: "elementwise",
    results: 1,
    convert(node) {
      node.broadcast(node.shape(0), node.shape(1), node.shape(2));
      const [condition, a, b] = [node.operand(0), node.operand(1), node.operand(2)];
      return node.result(node.builder.where(condition, a, b, { label: node.label }), node.type(1));
    },
    host: (node, [condition, a, b]) =>
      condition && a && b
        ? host.mapElements(node.decisions, [condition, a, b], a.type, host.where)
        : undefined,
  }),
  op("Cast", {
    since: 6,
    empties: true,
    convert: (node) => emptyCast(node) ?? cast(node),
    host(node, [input]) {
      const to = targetType(node);
      return input && isHostType(to) ? host.castHost(node.decisions, input, to) : undefined;
    },
  }),
  op("Identity", {
    copies: true,
    empties: true,
    convert: (node) => node.value(0),
    host: (_, [input]) => input,
  }),
  op("Dropout", { since: 7, empties: true, convert: dropout, host: (_, [input]) => input }),
];

function isInfinite(node: NodeContext): Value {
  const { builder, label } = node;
  const x = node.operand(0);
  const infinite = builder.isInfinite(x, { label });
  const positive = node.int("detect_positive", 1) !== 0;
  const negative = node.int("detect_negative", 1) !== 0;
  if (positive && negative) return node.result(infinite, "bool");
  const zero = node.writer.filled(x.dataType, 0, []);
  const never = builder.notEqual(x, x, { label });
  const side = positive
    ? builder.greater(x, zero, { label })
    : negative
      ? builder.lesser(x, zero, { label })
      : builder.logicalAnd(never, builder.logicalNot(never, { label }), { label });
  return node.result(builder.logicalAnd(infinite, side, { label }), "bool");
}

function withAlpha(method: "elu" | "leakyRelu", otherwise: number) {
  return (node: NodeContext): Value =>
    node.result(
      node.builder[method](node.operand(0), {
        alpha: node.float("alpha", otherwise),
        label: node.label,
      }),
    );
}

/** At inference nothing is dropped: the mask, if anyone asks, is all true. */
function dropout(node: NodeContext): readonly Value[] {
  const value = node.value(0);
  if ((node.node.outputs[1] ?? "") === "") return [value];
  if (!isFloatType(node.type(0))) node.fail(`data of type ${node.type(0)}`);
  const mask = node.writer.filled("uint8", 1, node.shape(0));
  return [value, { kind: "operand", type: "bool", operand: mask }];
}

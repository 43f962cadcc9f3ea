/** Ops of two and more operands that combine them element by element: arithmetic, comparison, logic, Where. */
import { alignedShape } from "./legacy-broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import * as host from "../host/elementwise.ts";
import { type HostTensor } from "../host/host-tensor.ts";
import type { ElementType } from "../model/element-type.ts";
import type { BinaryMethod, Operand } from "../webnn.ts";
import { each, type Compute, type NumberFunction } from "./compute.ts";
import { scaleProduct } from "./quantized.ts";
import { op, type OpRow } from "./row.ts";

/** An op that is one WebNN op of two operands. */
function binary(
  name: string,
  method: BinaryMethod,
  onHost: host.Elementwise,
  numbers: NumberFunction,
  options: { readonly since?: number; readonly type?: ElementType } = {},
): OpRow {
  return op(name, {
    since: options.since ?? 1,
    empties: "elementwise",
    results: options.type ?? 0,
    convert: (node) => node.result(combine(node, method), options.type ?? node.type(0)),
    host: mapOnHost(2, onHost, options.type),
    compute: aligned(each(numbers, options.type)),
  });
}

function combine(node: NodeContext, method: BinaryMethod): Operand {
  return node.builder[method](...alignedOperands(node), { label: node.label });
}

/** Both operands, the second one in a shape that broadcasts as the opset says. */
export function alignedOperands(node: NodeContext): readonly [Operand, Operand] {
  const shape = alignedShape(node, node.shape(0), node.shape(1));
  node.broadcast(node.shape(0), shape);
  return [node.operand(0), node.writer.reshaped(node.value(1), shape, node.label)];
}

/** Lets `compute` have its second array in a shape that broadcasts as the opset says. */
export function aligned(compute: Compute): Compute {
  return (node, [a, b], library) => {
    const second = a && b && { ...b, shape: alignedShape(node, a.shape, b.shape) };
    return compute(node, [a, second], library);
  };
}

/** Elementwise on so many host tensors, where they are all known. */
export function mapOnHost(
  operands: 1 | 2,
  f: host.Elementwise,
  type?: ElementType,
): NonNullable<OpRow["host"]> {
  return (node, inputs) => {
    const given = inputs.filter((input) => input !== undefined);
    const [first, second] = given;
    if (first === undefined || given.length < Math.max(inputs.length, operands)) return undefined;
    const result = type === "bool" ? "bool" : first.type;
    const tensors =
      second === undefined || node.opset >= 7
        ? given
        : [first, { ...second, shape: alignedShape(node, first.shape, second.shape) }];
    return host.mapElements(node.decisions, tensors, result, f, first.type);
  };
}

/** An op of any number of operands that combines them pairwise. */
function variadic(
  name: string,
  method: BinaryMethod,
  onHost: host.Elementwise,
  numbers: NumberFunction,
): OpRow {
  return op(name, {
    empties: "elementwise",
    convert: (node) => node.result(combineAll(node, method)),
    host: (node, [first, ...others]) =>
      others.reduce<HostTensor | undefined>(
        (a, b) => a && b && host.mapElements(node.decisions, [a, b], a.type, onHost),
        first,
      ),
    compute: each(numbers),
  });
}

function combineAll(node: NodeContext, method: BinaryMethod): Operand {
  let result = node.operand(0);
  for (let i = 1; i < node.inputCount; i++) {
    node.broadcast(result.shape, node.shape(i));
    result = node.builder[method](result, node.operand(i), { label: node.label });
  }
  return result;
}

function mean(node: NodeContext): Value {
  const { builder, writer, label } = node;
  const sum = combineAll(node, "add");
  if (node.inputCount === 1) return node.result(sum);
  const count = writer.filled(sum.dataType, node.inputCount, []);
  return node.result(builder.div(sum, count, { label }));
}

/** Mul of scales, and of an integer product by them, is where quantised models become real numbers again. */
function multiply(node: NodeContext): Value {
  const scaled = node.opset < 7 ? undefined : scaleProduct(node);
  return scaled ?? node.result(combine(node, "mul"));
}

const truth = (f: (...x: boolean[]) => boolean): NumberFunction => {
  return (...x) => Number(f(...x.map((value) => value !== 0)));
};
const bool = { type: "bool" } as const;
const both = (a?: boolean, b?: boolean) => a! && b!;
const either = (a?: boolean, b?: boolean) => a! || b!;
const differ = (a?: boolean, b?: boolean) => a !== b;
const add: NumberFunction = (...x) => x.reduce((a, b) => a + b);

export const arithmeticRows: readonly OpRow[] = [
  binary("Add", "add", host.add, add),
  binary("Sub", "sub", host.sub, (a, b) => a! - b!),
  op("Mul", {
    empties: "elementwise",
    convert: multiply,
    host: mapOnHost(2, host.mul),
    compute: aligned(each((a, b) => a! * b!)),
  }),
  binary("Div", "div", host.div, (a, b) => a! / b!),
  variadic("Max", "max", host.max, Math.max),
  variadic("Min", "min", host.min, Math.min),
  variadic("Sum", "add", host.add, add),
  op("Mean", {
    empties: "elementwise",
    convert: mean,
    compute: each((...x) => add(...x) / x.length),
  }),

  binary("Equal", "equal", host.equal, (a, b) => Number(a === b), bool),
  binary("Less", "lesser", host.less, (a, b) => Number(a! < b!), bool),
  binary("LessOrEqual", "lesserOrEqual", host.lessOrEqual, (a, b) => Number(a! <= b!), {
    ...bool,
    since: 12,
  }),
  binary("Greater", "greater", host.greater, (a, b) => Number(a! > b!), bool),
  binary("GreaterOrEqual", "greaterOrEqual", host.greaterOrEqual, (a, b) => Number(a! >= b!), {
    ...bool,
    since: 12,
  }),
  binary("And", "logicalAnd", host.onBools(both), truth(both), bool),
  binary("Or", "logicalOr", host.onBools(either), truth(either), bool),
  binary("Xor", "logicalXor", host.onBools(differ), truth(differ), bool),
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
    compute: each((condition, a, b) => (condition === 0 ? b! : a!), 1),
  }),
];

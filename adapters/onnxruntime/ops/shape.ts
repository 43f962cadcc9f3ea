/** Ops that ask for shapes or make tensors from sizes. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import {
  addSizes,
  floorDivideSizes,
  formatShape,
  multiplySizes,
  subtractSizes,
  type Size,
} from "../core.ts";
import type { HostArray } from "../host/array.ts";
import {
  hostConstant,
  isHostType,
  maxHostElements,
  numbersOf,
  scalar,
  vector,
  type HostTensor,
} from "../host/host-tensor.ts";
import { elementCount, type Constant } from "../model/model.ts";
import { stored } from "../convert/graph-writer.ts";
import { op, type HostNode, type OpRow, type HostLibrary } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const shapeRows: readonly OpRow[] = [
  op("Shape", { readsShapesOnly: true, host: (node) => shapeOf(node) }),
  op("Size", {
    readsShapesOnly: true,
    host: (node) => scalar("int64", multiplySizes(...node.shape(0))),
  }),
  op("ConstantOfShape", {
    since: 9,
    empties: true,
    convert: fillShape,
    host: fillShapeOnHost,
    compute(node, inputs, { arrayOfBytes, fillArray }) {
      const shape = filledShape(sizedNode(node, inputs)) as readonly number[];
      const { type, bytes } = filling(node);
      return [fillArray(arrayOfBytes(type, [1], bytes!), shape)];
    },
  }),
  op("Range", { since: 11, convert: range, host: rangeOnHost, compute: computeRange }),
];

/** Since opset 15 a part of the shape; start and end beyond it are taken to its ends. */
function shapeOf(node: NodeContext): HostTensor {
  const shape = node.shape(0);
  const end = node.node.attributes.has("end") ? node.int("end", 0) : shape.length;
  return vector("int64", shape.slice(node.int("start", 0), end));
}

const zero: Constant = {
  name: "",
  type: "float32",
  shape: [1],
  bytes: new Uint8Array(4),
};

/** The tensor of one element that fills the result. */
function filling(node: HostNode): Constant {
  const constant = node.tensor("value") ?? zero;
  const count = elementCount(constant.shape);
  return count === 1 ? constant : node.fail(`its value has ${count} elements, expected one`);
}

function filledShape(node: SizedNode): readonly Size[] {
  const shape = node.integers(0);
  if (shape.some((size) => node.decisions.less(size, 0))) {
    node.fail(`the shape ${formatShape(shape)} has a negative size`);
  }
  return shape;
}

function fillShape(node: NodeContext): Value {
  const shape = filledShape(node);
  const constant = filling(node);
  if (isEmptyShape(shape)) return { kind: "empty", type: constant.type, shape };
  const ones = shape.map(() => 1);
  const one = node.writer.reshaped({ kind: "constant", constant }, ones, node.label);
  return node.result(node.builder.expand(one, shape, { label: node.label }), constant.type);
}

function fillShapeOnHost(
  node: NodeContext,
  [input]: readonly (HostTensor | undefined)[],
): HostTensor | undefined {
  const shape = input && numbersOf(input);
  const constant = filling(node);
  if (shape === undefined || constant.type === "float32") return undefined;
  if (shape.some((size) => size < 0)) return undefined;
  const count = elementCount(shape);
  const element = hostConstant(constant)?.elements[0];
  if (element === undefined || count > maxHostElements || !isHostType(constant.type)) {
    return undefined;
  }
  return { type: constant.type, shape, elements: new Array<Size>(count).fill(element) };
}

/** start, start + delta, … up to but not including limit. */
function range(node: NodeContext): Value {
  const type = node.type(0);
  if (type === "float32") return floatRange(node);
  if (type !== "int64" && type !== "int32") return node.leaveToHost(`a range of type ${type}`);
  const { start, delta, count } = integerRange(node);
  if (count === 0) return { kind: "empty", type, shape: [0] };
  if (typeof count === "number" && count > mostElements) {
    return node.fail(`a range of ${count} elements, the limit is ${mostElements}`);
  }
  if (typeof start === "number" && typeof count === "number") {
    return sequence(type, start, delta, count);
  }
  const operand = node.writer.iota({ dataType: stored(type), length: count, start, delta });
  return node.result(operand, type);
}

function rangeOnHost(
  node: NodeContext,
  inputs: readonly (HostTensor | undefined)[],
): HostTensor | undefined {
  const type = inputs[0]?.type;
  if (inputs.some((input) => input === undefined)) return undefined;
  if (type !== "int64" && type !== "int32") return undefined;
  const { start, delta, count } = integerRange(node);
  if (typeof count !== "number" || count > maxHostElements) return undefined;
  return vector(
    type,
    Array.from({ length: count }, (_, i) => addSizes(start, i * delta)),
  );
}

function integerRange(node: NodeContext): {
  readonly start: Size;
  readonly delta: number;
  readonly count: Size;
} {
  const [start, limit, step] = [0, 1, 2].map((input) => node.integers(input)[0] ?? 0);
  const { decisions } = node;
  const delta = decisions.number(step!);
  if (delta === 0) node.fail("a range whose delta is 0");
  const [from, to] = delta > 0 ? [start!, limit!] : [limit!, start!];
  if (!decisions.less(from, to)) return { start: start!, delta, count: 0 };
  const size = Math.abs(delta);
  const count = floorDivideSizes(addSizes(subtractSizes(to, from), size - 1), size);
  return { start: start!, delta, count };
}

function floatRange(node: NodeContext): Value {
  const [start, limit, delta] = [0, 1, 2].map((input) =>
    node.decisions.number(node.integers(input)[0] ?? NaN),
  );
  const count = countOfRange(node, start!, limit!, delta!);
  if (count === 0) return { kind: "empty", type: "float32", shape: [0] };
  return sequence("float32", start!, delta!, count);
}

/** More elements than this (1 GiB of float32) are a mistake of the model. */
const mostElements = 2 ** 28;

function countOfRange(node: HostNode, start: number, limit: number, delta: number): number {
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (count <= mostElements) return count;
  return node.fail(
    `from ${start} to ${limit} by ${delta} are ${count} elements, the limit is ${mostElements}`,
  );
}

/** Ranges of types whose scalars conversions do not read. */
function computeRange(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
  { arrayOfNumbers }: HostLibrary,
): readonly HostArray[] {
  const [start, limit, delta] = [0, 1, 2].map((i) => Number(inputs[i]?.data[0] ?? NaN));
  const count = countOfRange(node, start!, limit!, delta!);
  const numbers = Float64Array.from({ length: count }, (_, i) => start! + i * delta!);
  return [arrayOfNumbers(inputs[0]!.type, [count], numbers)];
}

function sequence(
  type: "int64" | "int32" | "float32",
  start: number,
  delta: number,
  count: number,
): Value {
  const at = (_: unknown, i: number) => start + i * delta;
  const array =
    type === "int64"
      ? BigInt64Array.from({ length: count }, (_, i) => BigInt(at(_, i)))
      : type === "int32"
        ? Int32Array.from({ length: count }, at)
        : Float32Array.from({ length: count }, at);
  const bytes = new Uint8Array(array.buffer);
  return { kind: "constant", constant: { name: "", type, shape: [count], bytes } };
}

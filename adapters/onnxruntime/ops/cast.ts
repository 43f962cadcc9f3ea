/** Casts between numeric types, and Identity. */
import { formulaOf } from "../convert/formula.ts";
import { stored } from "../convert/graph-writer.ts";
import type { HostNode } from "../convert/host-node.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { HostArray } from "../host/array.ts";
import { castHost } from "../host/elementwise.ts";
import { isHostType } from "../host/host-tensor.ts";
import { elementTypeOf, type ElementType } from "../model/element-type.ts";
import type { Operand } from "../webnn.ts";
import { op, type OpRow, type HostLibrary } from "./row.ts";

/** TensorProto.DataType's names, which the first opsets have in place of numbers; in the order of the numbers. */
const typeNames = [
  "UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16",
  "DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128",
]; // prettier-ignore

/** `to` as a type that this adapter knows by name. */
function targetType(node: HostNode): ElementType {
  const name = node.opset < 6 ? node.text("to", "") : undefined;
  const code = name === undefined ? node.int("to", 0) : typeNames.indexOf(name.toUpperCase());
  return elementTypeOf(code) ?? node.fail(`a cast to data type ${name ?? code}`);
}

function castValue(node: NodeContext, to: ElementType): Value {
  const value = node.value(0);
  if (value.kind === "empty") return { ...value, type: to };
  if (value.kind === "product" && to === "float32") return { ...value, type: "float32" };
  const from = node.type(0);
  if (from === to) return value;
  return node.result(castOperand(node, node.operand(0), to), to);
}

function castOperand(node: NodeContext, x: Operand, to: ElementType): Operand {
  const dataType = stored(to);
  const f = formulaOf(node);
  // WebNN's cast knows nothing of 4 bits; its quantisation does.
  if (x.dataType === "int4" || x.dataType === "uint4") {
    return castOperand(node, decode(node, x), to);
  }
  if (to === "bool") return f.notEqual(x, 0);
  if (dataType === "int4" || dataType === "uint4") return encode(node, x, dataType);
  return f.cast(x, dataType);
}

function decode(node: NodeContext, x: Operand): Operand {
  const ones = x.shape.map(() => 1);
  const { writer, builder, label } = node;
  const scale = writer.filled("float32", 1, ones);
  return builder.dequantizeLinear(x, scale, writer.filled(x.dataType, 0, ones), { label });
}

/** The low 4 bits of the nearest integer, as numbers that quantising leaves as they are. */
function encode(node: NodeContext, x: Operand, dataType: "int4" | "uint4"): Operand {
  const { writer, builder, label } = node;
  const f = formulaOf(node);
  const integer = f.cast(x.dataType.startsWith("float") ? f.roundEven(x) : x, "int32");
  const low = f.sub(integer, f.mul(f.div(integer, 16), 16));
  const positive = f.where(f.lesser(low, 0), f.add(low, 16), low);
  const wrapped =
    dataType === "uint4"
      ? positive
      : f.where(f.greater(positive, 7), f.sub(positive, 16), positive);
  const ones = x.shape.map(() => 1);
  const scale = writer.filled("float32", 1, ones);
  const zero = writer.filled(dataType, 0, ones);
  return builder.quantizeLinear(f.cast(wrapped, "float32"), scale, zero, { label });
}

function castTo(
  node: HostNode,
  input: HostArray | undefined,
  to: ElementType,
  { castArray }: HostLibrary,
): HostArray[] {
  if (input === undefined) return node.fail("input 0 is missing");
  if (to === "string" || input.type === "string") return node.fail("a cast of strings");
  return [castArray(input, to, node.int("saturate", 1) !== 0)];
}

export const castRows: readonly OpRow[] = [
  op("Cast", {
    empties: true,
    convert: (node) => castValue(node, targetType(node)),
    host(node, [input]) {
      const to = targetType(node);
      return input && isHostType(to) ? castHost(node.decisions, input, to) : undefined;
    },
    compute: (node, [input], library) => castTo(node, input, targetType(node), library),
  }),
  op("CastLike", {
    since: 15,
    empties: true,
    convert: (node) => castValue(node, node.type(1)),
    compute: (node, [input, like], library) =>
      castTo(node, input, like?.type ?? node.fail("input 1 is missing"), library),
  }),
  op("Identity", {
    elements: "copied",
    empties: true,
    convert: (node) => node.value(0),
    host: (_, [input]) => input,
  }),
];

/** Writes small ONNX files for tests: plain data → protobuf, by pbf's writer. */
import { PbfWriter } from "pbf";

export type ElementTypeName =
  | "float32" | "uint8" | "int8" | "uint16" | "int16" | "int32" | "int64" | "string" | "bool"
  | "float16" | "float64" | "uint32" | "uint64" | "uint4" | "int4" | "bfloat16" | "float8e4m3fn"; // prettier-ignore

const codes: Readonly<Record<ElementTypeName, number>> = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, string: 8, bool: 9,
  float16: 10, float64: 11, uint32: 12, uint64: 13, uint4: 21, int4: 22, bfloat16: 16,
  float8e4m3fn: 17,
}; // prettier-ignore

export function typeCode(type: ElementTypeName): number {
  return codes[type];
}

export interface TensorSpec {
  readonly type: ElementTypeName;
  readonly shape: readonly number[];
  readonly data: readonly (number | bigint)[];
  /** Kept in typed fields rather than raw data. */
  readonly typed?: true;
  /** Kept in another file. */
  readonly external?: {
    readonly location: string;
    readonly offset?: number;
    readonly length?: number;
  };
}

/** Values at their places; zeros elsewhere. */
export interface SparseSpec {
  readonly shape: readonly number[];
  readonly values: TensorSpec;
  readonly indices: TensorSpec;
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

export type AttributeSpec =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly tensor: TensorSpec }
  | { readonly sparse: SparseSpec }
  | { readonly graph: GraphSpec }
  /** In a function: an attribute of the call, of a kind by AttributeProto.AttributeType. */
  | { readonly reference: string; readonly kind: number };

export interface FunctionSpec {
  readonly domain: string;
  readonly name: string;
  readonly overload?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, AttributeSpec>>;
  readonly nodes: readonly NodeSpec[];
  readonly opsets?: Readonly<Record<string, number>>;
}

export interface ValueSpec {
  readonly name: string;
  readonly type: ElementTypeName;
  /** Left out: of unknown rank. */
  readonly shape?: readonly (number | string)[];
}

export interface GraphSpec {
  readonly name?: string;
  readonly nodes: readonly NodeSpec[];
  readonly inputs?: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly initializers?: Readonly<Record<string, TensorSpec>>;
  readonly sparseInitializers?: Readonly<Record<string, SparseSpec>>;
}

export interface ModelSpec extends GraphSpec {
  readonly opset?: number;
  readonly opsets?: Readonly<Record<string, number>>;
  readonly irVersion?: number;
  readonly functions?: readonly FunctionSpec[];
}

export function writeModel(model: ModelSpec): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  field(writer, 1, 0, () => writer.writeVarint(model.irVersion ?? 8));
  text(writer, 2, "webnn-anywhere tests");
  writer.writeMessage(7, writeGraph, model);
  writeOpsets(8, { "": model.opset ?? 17, ...model.opsets }, writer);
  for (const each of model.functions ?? []) writer.writeMessage(25, writeFunction, each);
  return new Uint8Array(writer.finish());
}

function writeOpsets(number: number, opsets: Readonly<Record<string, number>>, writer: PbfWriter) {
  for (const [domain, version] of Object.entries(opsets)) {
    writer.writeMessage(
      number,
      (_, pbf) => {
        text(pbf, 1, domain);
        field(pbf, 2, 0, () => pbf.writeVarint(version));
      },
      undefined,
    );
  }
}

function writeFunction(spec: FunctionSpec, writer: PbfWriter): void {
  text(writer, 1, spec.name);
  for (const input of spec.inputs) text(writer, 4, input);
  for (const output of spec.outputs) text(writer, 5, output);
  for (const name of spec.attributes ?? []) text(writer, 6, name);
  for (const node of spec.nodes) writer.writeMessage(7, writeNode, node);
  writeOpsets(9, spec.opsets ?? { "": 17 }, writer);
  text(writer, 10, spec.domain);
  for (const [name, attribute] of Object.entries(spec.defaults ?? {})) {
    writer.writeMessage(11, writeAttribute, { name, attribute });
  }
  if (spec.overload !== undefined) text(writer, 13, spec.overload);
}

function field(writer: PbfWriter, number: number, wireType: number, write: () => void): void {
  writer.writeTag(number, wireType);
  write();
}

function text(writer: PbfWriter, number: number, value: string): void {
  field(writer, number, 2, () => writer.writeString(value));
}

function writeGraph(graph: GraphSpec, writer: PbfWriter): void {
  for (const node of graph.nodes) writer.writeMessage(1, writeNode, node);
  text(writer, 2, graph.name ?? "test");
  for (const [name, tensor] of Object.entries(graph.initializers ?? {})) {
    writer.writeMessage(5, writeTensor, { ...tensor, name });
  }
  for (const [name, sparse] of Object.entries(graph.sparseInitializers ?? {})) {
    writer.writeMessage(15, writeSparse, { ...sparse, name });
  }
  for (const input of graph.inputs ?? []) writer.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) writer.writeMessage(12, writeValue, output);
}

function writeNode(node: NodeSpec, writer: PbfWriter): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  if (node.name !== undefined) text(writer, 3, node.name);
  text(writer, 4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) {
    writer.writeMessage(5, writeAttribute, { name, attribute });
  }
  if (node.domain !== undefined) text(writer, 7, node.domain);
  if (node.overload !== undefined) text(writer, 8, node.overload);
}

function writeAttribute(
  { name, attribute }: { readonly name: string; readonly attribute: AttributeSpec },
  writer: PbfWriter,
): void {
  text(writer, 1, name);
  const kind = (code: number) => field(writer, 20, 0, () => writer.writeVarint(code));
  if ("reference" in attribute) {
    text(writer, 21, attribute.reference);
    kind(attribute.kind);
  } else if ("float" in attribute) {
    field(writer, 2, 5, () => writer.writeFloat(attribute.float));
    kind(1);
  } else if ("int" in attribute) {
    field(writer, 3, 0, () => writer.writeVarint(attribute.int));
    kind(2);
  } else if ("text" in attribute) {
    text(writer, 4, attribute.text);
    kind(3);
  } else if ("tensor" in attribute) {
    writer.writeMessage(5, writeTensor, { ...attribute.tensor, name: "" });
    kind(4);
  } else if ("sparse" in attribute) {
    writer.writeMessage(22, writeSparse, { ...attribute.sparse, name: "" });
    kind(11);
  } else if ("graph" in attribute) {
    writer.writeMessage(6, writeGraph, attribute.graph);
    kind(5);
  } else if ("texts" in attribute) {
    for (const value of attribute.texts) text(writer, 9, value);
    kind(8);
  } else if ("floats" in attribute) {
    for (const value of attribute.floats) field(writer, 7, 5, () => writer.writeFloat(value));
    kind(6);
  } else {
    for (const value of attribute.ints) field(writer, 8, 0, () => writer.writeVarint(value));
    kind(7);
  }
}

function writeTensor(tensor: TensorSpec & { readonly name: string }, writer: PbfWriter): void {
  for (const size of tensor.shape) field(writer, 1, 0, () => writer.writeVarint(size));
  field(writer, 2, 0, () => writer.writeVarint(codes[tensor.type]));
  text(writer, 8, tensor.name);
  if (tensor.external !== undefined) {
    for (const [key, value] of Object.entries(tensor.external)) {
      const entry = { key, value: String(value) };
      writer.writeMessage(13, (e, pbf) => (text(pbf, 1, e.key), text(pbf, 2, e.value)), entry);
    }
    field(writer, 14, 0, () => writer.writeVarint(1));
  } else if (tensor.typed) {
    writeTyped(tensor, writer);
  } else {
    field(writer, 9, 2, () => writer.writeBytes(bytesOfTensor(tensor)));
  }
}

function writeSparse(
  { name, values, indices, shape }: SparseSpec & { readonly name: string },
  writer: PbfWriter,
): void {
  writer.writeMessage(1, writeTensor, { ...values, name });
  writer.writeMessage(2, writeTensor, { ...indices, name: "" });
  for (const size of shape) field(writer, 3, 0, () => writer.writeVarint(size));
}

function writeTyped({ type, data }: TensorSpec, writer: PbfWriter): void {
  const numbers = data.map(Number);
  if (type === "float32") {
    writer.writePackedFloat(4, numbers);
  } else if (type === "float64") {
    writer.writePackedDouble(10, numbers);
  } else {
    const number = type === "int64" ? 7 : type === "uint64" || type === "uint32" ? 11 : 5;
    writer.writePackedVarint(number, numbers);
  }
}

/** Little-endian bytes of a tensor's elements; float16 data are bits. */
export function bytesOfTensor({ type, data }: TensorSpec): Uint8Array {
  const arrays = {
    float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array,
    int16: Int16Array, uint16: Uint16Array, float16: Uint16Array, int8: Int8Array,
    uint8: Uint8Array, bool: Uint8Array, bfloat16: Uint16Array, float8e4m3fn: Uint8Array,
  }; // prettier-ignore
  if (type === "string") throw new TypeError("strings have no raw data");
  if (type === "int64") return new Uint8Array(BigInt64Array.from(data.map(BigInt)).buffer);
  if (type === "uint64") return new Uint8Array(BigUint64Array.from(data.map(BigInt)).buffer);
  if (type === "uint4" || type === "int4") return packNibbles(data.map(Number));
  return new Uint8Array(arrays[type].from(data.map(Number)).buffer);
}

/** Two elements a byte, the first in the low half. */
function packNibbles(data: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(data.length / 2) }, (_, i) => {
    const [low, high = 0] = data.slice(2 * i, 2 * i + 2);
    return (low! & 15) | ((high & 15) << 4);
  });
}

function writeValue(value: ValueSpec, writer: PbfWriter): void {
  text(writer, 1, value.name);
  writer.writeMessage(2, writeType, value);
}

function writeType({ type, shape }: ValueSpec, writer: PbfWriter): void {
  const tensor = (_: undefined, pbf: PbfWriter) => {
    field(pbf, 1, 0, () => pbf.writeVarint(codes[type]));
    if (shape !== undefined) pbf.writeMessage(2, writeShape, shape);
  };
  writer.writeMessage(1, tensor, undefined);
}

function writeShape(shape: readonly (number | string)[], writer: PbfWriter): void {
  for (const size of shape) {
    writer.writeMessage(
      1,
      (_, pbf) => {
        if (typeof size === "number") field(pbf, 1, 0, () => pbf.writeVarint(size));
        else if (size !== "") text(pbf, 2, size);
      },
      undefined,
    );
  }
}

export const f32 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "float32",
  shape,
  data,
});
export const i64 = (shape: readonly number[], data: readonly (number | bigint)[]): TensorSpec => ({
  type: "int64",
  shape,
  data,
});
export const u8 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "uint8",
  shape,
  data,
});

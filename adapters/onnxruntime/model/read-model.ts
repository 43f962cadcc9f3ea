/**
 * Reads an ONNX file: protobuf messages → `Model`, with the rules that the rest relies on checked.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 *
 * Nothing of the file is executed or trusted; weights stay views of it.
 */
import { OnnxModelError } from "../errors.ts";
import { elementTypeOf, type ElementType } from "./element-type.ts";
import { arrangeGraph } from "./arrange-graph.ts";
import type { Attribute, Constant, Graph, Model, Node, ValueInfo } from "./model.ts";
import { readSparseTensor } from "./read-sparse.ts";
import { readTensor, type ExternalFiles } from "./read-tensor.ts";
import {
  eachField,
  openMessage,
  readBytes,
  readInteger,
  readRepeated,
  readSubmessage,
  readText,
  type Message,
} from "./wire.ts";

export function readModel(bytes: Uint8Array, files: ExternalFiles = new Map()): Model {
  refuseOtherFormats(bytes);
  const message = openMessage(bytes);
  const opsets = new Map<string, number>();
  let irVersion = 0;
  let producer = "";
  let graph: Graph | undefined;
  const functions: Model["functions"][number][] = [];
  try {
    typedReading(message, () =>
      eachField(message, (field) => {
        if (field === 1) irVersion = readInteger(message);
        else if (field === 2) producer = readText(message);
        else if (field === 7) graph = readSubmessage(message, "graph", (m) => readGraph(m, files));
        else if (field === 8) readOpset(message, opsets);
        else if (field === 25) functions.push({ bytes: readBytes(message), files });
      }),
    );
  } catch (error) {
    const typed = error as OnnxModelError;
    const isForeign = typed.message.startsWith("model:") && irVersion === 0;
    if (isForeign) throw notOnnx(bytes, typed);
    throw typed;
  }
  if (graph === undefined || irVersion === 0) throw notOnnx(bytes);
  const { inputs, constants } = graph as Graph;
  const overridable = irVersion < 4 ? [] : inputs.filter(({ name }) => constants.has(name));
  return { irVersion, producer, opsets, functions, overridable, graph: arrangeGraph(graph) };
}

/** Gives what pbf and DataView throw by themselves, for values that reach past the end or are none, its type. */
export function typedReading(message: Message, read: () => void): void {
  try {
    read();
  } catch (error) {
    throw error instanceof OnnxModelError ? error : unreadable(message, error);
  }
}

function unreadable({ reader, path }: Message, cause: unknown): OnnxModelError {
  const isOver = reader.pos >= reader.length || cause instanceof RangeError;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OnnxModelError(
    isOver ? "truncated" : "malformed",
    `${path}: no value can be read near byte ${reader.pos} of ${reader.length}: ${reason}`,
    { cause },
  );
}

function refuseOtherFormats(bytes: Uint8Array): void {
  if (bytes.length >= 8 && asciiOf(bytes.subarray(4, 8)) === "ORTM") {
    throw new OnnxModelError(
      "ort-format",
      "the model is in ONNX Runtime's own .ort format, which its own runtime alone can read: give the .onnx file it was made from",
    );
  }
}

function notOnnx(bytes: Uint8Array, cause?: OnnxModelError): OnnxModelError {
  const start = [...bytes.subarray(0, 8)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
  return new OnnxModelError(
    "not-onnx",
    `not an ONNX file: ${bytes.length} bytes that start with [${start}]` +
      (cause === undefined ? "" : ` (${cause.message})`),
    { cause },
  );
}

function asciiOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export function readOpset(message: Message, opsets: Map<string, number>): void {
  readSubmessage(message, "opset_import", (opset) => {
    let domain = "";
    let version = 0;
    eachField(opset, (field) => {
      if (field === 1) domain = readText(opset);
      else if (field === 2) version = readInteger(opset);
    });
    opsets.set(plainDomain(domain), version);
  });
}

/** The default domain has two names. */
export function plainDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

function readGraph(message: Message, files: ExternalFiles): Graph {
  const nodes: Node[] = [];
  const constants = new Map<string, Constant>();
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  let name = "";
  eachField(message, (field) => {
    const within = (path: string) => `${message.path}, ${path}`;
    if (field === 1) {
      nodes.push(readNode(message, nodes.length, files));
    } else if (field === 2) {
      name = readText(message);
    } else if (field === 5) {
      const constant = readSubmessage(message, within(`initializer ${constants.size}`), (m) =>
        readTensor(m, files),
      );
      constants.set(constant.name, constant);
    } else if (field === 11) {
      inputs.push(readSubmessage(message, within(`input ${inputs.length}`), readValueInfo));
    } else if (field === 12) {
      outputs.push(readSubmessage(message, within(`output ${outputs.length}`), readValueInfo));
    } else if (field === 15) {
      const constant = readSubmessage(
        message,
        within(`sparse initializer ${constants.size}`),
        (m) => readSparseTensor(m, files),
      );
      constants.set(constant.name, constant);
    }
  });
  return { name, nodes, constants, inputs, outputs };
}

export function readNode(around: Message, index: number, files: ExternalFiles): Node {
  return readSubmessage(around, `${around.path}, node ${index}`, (message) =>
    readNodeFields(message, index, files),
  );
}

function readNodeFields(message: Message, index: number, files: ExternalFiles): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  let name = "";
  let op = "";
  let domain = "";
  let overload = "";
  eachField(message, (field) => {
    if (field === 1) inputs.push(readText(message));
    else if (field === 2) outputs.push(readText(message));
    else if (field === 3) name = readText(message);
    else if (field === 4) op = readText(message);
    else if (field === 5) readAttribute(message, attributes, files);
    else if (field === 7) domain = readText(message);
    else if (field === 8) overload = readText(message);
  });
  if (op === "") {
    throw new OnnxModelError("malformed", `${message.path}: a node without an op type`);
  }
  return {
    name: name === "" ? `${op}_${index}` : name,
    op,
    domain: plainDomain(domain),
    inputs,
    outputs,
    attributes,
    ...(overload === "" ? {} : { overload }),
  };
}

/** AttributeProto.AttributeType */
const kinds = [
  "other",
  "float",
  "int",
  "string",
  "tensor",
  "graph",
  "floats",
  "ints",
  "strings",
  "other", // tensors
  "other", // graphs
  "tensor", // sparse: read as the dense tensor
] as const;

export function readAttribute(
  message: Message,
  attributes: Map<string, Attribute>,
  files: ExternalFiles,
): void {
  readSubmessage(message, `${message.path}, attribute ${attributes.size}`, (m) => {
    let name = "";
    let reference = "";
    let kind: (typeof kinds)[number] = "other";
    // Writers leave out values of 0 and "".
    const values = {
      float: 0,
      int: 0,
      string: "",
      tensor: undefined as Constant | undefined,
      graph: undefined as Graph | undefined,
      floats: [] as number[],
      ints: [] as number[],
      strings: [] as string[],
      other: undefined,
    };
    eachField(m, (field) => {
      const { reader } = m;
      if (field === 1) name = readText(m);
      else if (field === 2) values.float = reader.readFloat();
      else if (field === 3) values.int = readInteger(m);
      else if (field === 4) values.string = readText(m);
      else if (field === 5)
        values.tensor = readSubmessage(m, `${m.path}, tensor`, (t) => readTensor(t, files));
      else if (field === 6)
        values.graph = readSubmessage(m, `${m.path}, graph`, (g) => readGraph(g, files));
      else if (field === 7) readRepeated(m, values.floats, () => reader.readFloat());
      else if (field === 8) readRepeated(m, values.ints, readInteger);
      else if (field === 9) values.strings.push(readText(m));
      else if (field === 20) kind = kinds[readInteger(m)] ?? "other";
      else if (field === 21) reference = readText(m);
      else if (field === 22)
        values.tensor = readSubmessage(m, `${m.path}, sparse tensor`, (t) =>
          readSparseTensor(t, files),
        );
    });
    const isReference = reference !== "";
    attributes.set(
      name,
      isReference ? { kind: "reference", value: reference } : attributeOf(kind, values, m),
    );
  });
}

function attributeOf(
  kind: (typeof kinds)[number],
  values: { readonly [K in (typeof kinds)[number]]: unknown },
  { path }: Message,
): Attribute {
  const value = values[kind];
  if ((kind === "tensor" || kind === "graph") && value === undefined) {
    throw new OnnxModelError("malformed", `${path}: a ${kind} attribute without its ${kind}`);
  }
  // The kind says which member was read, and each member is read as the kind says.
  return { kind, value } as Attribute;
}

/** Members of TypeProto that are no tensors. */
const otherKinds: Readonly<Record<number, ValueInfo["other"]>> = {
  4: "sequence",
  5: "map",
  8: "sparse tensor",
  9: "optional",
};

function readValueInfo(message: Message): ValueInfo {
  let name = "";
  let type: ElementType | undefined;
  let shape: (number | string)[] | undefined;
  let other: ValueInfo["other"];
  eachField(message, (field) => {
    if (field === 1) name = readText(message);
    else if (field === 2) {
      readSubmessage(message, `${message.path}, type`, (typeProto) => {
        eachField(typeProto, (typeField) => {
          other = otherKinds[typeField];
          if (typeField !== 1) return;
          readSubmessage(typeProto, typeProto.path, (tensor) => {
            eachField(tensor, (tensorField) => {
              if (tensorField === 1) type = elementTypeOf(readInteger(tensor));
              else if (tensorField === 2)
                shape = readSubmessage(tensor, `${message.path}, shape`, readShape);
            });
          });
        });
      });
    }
  });
  return { name, type, shape, ...(other === undefined ? {} : { other }) };
}

function readShape(message: Message): (number | string)[] {
  const shape: (number | string)[] = [];
  eachField(message, (field) => {
    if (field !== 1) return;
    shape.push(
      readSubmessage(message, message.path, (dimension) => {
        let size: number | string = "";
        eachField(dimension, (dimensionField) => {
          if (dimensionField === 1) size = readInteger(dimension);
          else if (dimensionField === 2) size = readText(dimension);
        });
        return size;
      }),
    );
  });
  return shape;
}

/** What a row of the op table sees of the node that it converts: inputs, attributes, and the graph to write to. */
import { formatShape, type Size } from "../core.ts";
import { OnnxModelError } from "../errors.ts";
import { hostConstant, type HostTensor } from "../host/host-tensor.ts";
import type { ElementType } from "../model/element-type.ts";
import type { Attribute, Constant, Node } from "../model/model.ts";
import type { Builder, Operand } from "../webnn.ts";
import { broadcastShapes } from "./broadcast.ts";
import { NeedsNumbers, type Decisions } from "./decisions.ts";
import type { GraphWriter } from "./graph-writer.ts";
import { typeOf, type Value } from "./value.ts";

export interface NodeContext {
  readonly node: Node;
  readonly opset: number;
  readonly writer: GraphWriter;
  readonly builder: Builder;
  readonly decisions: Decisions;
  /** The label that the node's WebNN ops carry. */
  readonly label: string;

  readonly inputCount: number;
  readonly has: (input: number) => boolean;
  readonly value: (input: number) => Value;
  readonly type: (input: number) => ElementType;
  readonly shape: (input: number) => readonly Size[];
  readonly rank: (input: number) => number;
  readonly operand: (input: number) => Operand;
  /** The input's integers on the host; starts the conversion again where only more numbers can give them. */
  readonly integers: (input: number) => readonly Size[];
  /** The input as a host tensor, if it is one or a small constant. */
  readonly host: (input: number) => HostTensor | undefined;

  readonly int: (name: string, otherwise: number) => number;
  readonly float: (name: string, otherwise: number) => number;
  readonly text: (name: string, otherwise: string) => string;
  readonly ints: (name: string) => readonly number[] | undefined;
  readonly floats: (name: string) => readonly number[] | undefined;
  readonly texts: (name: string) => readonly string[] | undefined;
  readonly tensor: (name: string) => Constant | undefined;

  /** The common shape of these; an error where they do not broadcast. */
  readonly broadcast: (...shapes: readonly (readonly Size[])[]) => readonly Size[];
  /** A value of an operand; the type is the input's unless given. */
  readonly result: (operand: Operand, type?: ElementType) => Value;
  /** Throws what says that the node cannot be converted. */
  readonly fail: (why: string) => never;
}

/** The node needs integers of an input that only a device has: the run must read them first. */
export class NeedsInputValue extends Error {
  readonly input: string;

  constructor(input: string) {
    super(`the values of '${input}' are needed to build the graph`);
    this.input = input;
  }
}

export function makeNodeContext(
  node: Node,
  opset: number,
  writer: GraphWriter,
  valueOf: (name: string) => Value,
  symbolicNames: () => readonly Size[],
): NodeContext {
  const fail = (why: string): never => {
    throw new OnnxModelError("unsupported", `${node.op} '${node.name}': ${why}`);
  };
  const has = (input: number) => (node.inputs[input] ?? "") !== "";
  const value = (input: number): Value =>
    has(input) ? valueOf(node.inputs[input]!) : fail(`input ${input} is missing`);
  const attribute = <K extends Attribute["kind"]>(name: string, kind: K) => {
    const found = node.attributes.get(name);
    if (found === undefined) return undefined;
    if (found.kind !== kind) fail(`attribute '${name}' is of kind ${found.kind}, not ${kind}`);
    return found.value as (Attribute & { kind: K })["value"];
  };
  const host = (input: number): HostTensor | undefined => hostOf(value(input));

  return {
    node,
    opset,
    writer,
    builder: writer.builder,
    decisions: writer.decisions,
    label: node.name,
    inputCount: node.inputs.length,
    has,
    value,
    host,
    type: (input) => typeOf(value(input)),
    shape: (input) => writer.shape(value(input)),
    rank: (input) => writer.shape(value(input)).length,
    operand: (input) => writer.operand(value(input)),
    integers(input) {
      const tensor = host(input);
      if (tensor !== undefined) return tensor.elements;
      const source = value(input);
      if (source.kind === "input") throw new NeedsInputValue(source.name);
      const names = symbolicNames();
      if (names.length > 0) throw new NeedsNumbers(names);
      return fail(`input '${node.inputs[input]}' must be known before the graph runs`);
    },
    int: (name, otherwise) => attribute(name, "int") ?? otherwise,
    float: (name, otherwise) => attribute(name, "float") ?? otherwise,
    text: (name, otherwise) => attribute(name, "string") ?? otherwise,
    ints: (name) => attribute(name, "ints"),
    floats: (name) => attribute(name, "floats"),
    texts: (name) => attribute(name, "strings"),
    tensor: (name) => attribute(name, "tensor"),
    broadcast(...shapes) {
      const shape = broadcastShapes(writer.decisions, ...shapes);
      return shape ?? fail(`the shapes ${shapes.map(formatShape).join(" and ")} do not broadcast`);
    },
    result: (operand, type = typeOf(value(0))) => ({ kind: "operand", type, operand }),
    fail,
  };
}

/** A value as a host tensor, if it is one or a small constant. */
export function hostOf(value: Value): HostTensor | undefined {
  if (value.kind === "host") return value.host;
  return value.kind === "constant" ? hostConstant(value.constant) : undefined;
}

/** What a row of the op table sees of the node that it converts: inputs, attributes, and the graph to write to. */
import { formatShape, type Size } from "../core.ts";
import { hostConstant, type HostTensor } from "../host/host-tensor.ts";
import type { ElementType } from "../model/element-type.ts";
import type { Builder, Operand } from "../webnn.ts";
import { NeedsBarrier } from "./barriers.ts";
import { broadcastShapes } from "./broadcast.ts";
import { NeedsNumbers, type Decisions } from "./decisions.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { HostNode } from "./host-node.ts";
import { typeOf, type Value } from "./value.ts";

export interface NodeContext extends HostNode {
  readonly writer: GraphWriter;
  readonly builder: Builder;
  readonly decisions: Decisions;

  readonly value: (input: number) => Value;
  readonly type: (input: number) => ElementType;
  readonly shape: (input: number) => readonly Size[];
  readonly rank: (input: number) => number;
  readonly operand: (input: number) => Operand;
  /**
   * The input's elements on the host; starts the conversion again where only more numbers can give them, or asks the
   * run to compute and read them first.
   */
  readonly integers: (input: number) => readonly Size[];
  /** The input as a host tensor, if it is one or a small constant. */
  readonly host: (input: number) => HostTensor | undefined;

  /** The common shape of these; an error where they do not broadcast. */
  readonly broadcast: (...shapes: readonly (readonly Size[])[]) => readonly Size[];
  /** A value of an operand; the type is the input's unless given. */
  readonly result: (operand: Operand, type?: ElementType) => Value;
  /** Ends the conversion: the row's `compute` does the node, for a reason that the report gives. */
  readonly leaveToHost: (why: string) => never;
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
  node: HostNode,
  writer: GraphWriter,
  valueOf: (name: string) => Value,
  symbolicNames: () => readonly Size[],
): NodeContext {
  const { fail, has } = node;
  const nameOf = (input: number) => node.node.inputs[input]!;
  const value = (input: number): Value =>
    has(input) ? valueOf(nameOf(input)) : fail(`input ${input} is missing`);
  const host = (input: number): HostTensor | undefined => hostOf(value(input));

  return {
    ...node,
    writer,
    builder: writer.builder,
    decisions: writer.decisions,
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
      if (source.kind === "empty") return [];
      if (source.kind === "input") throw new NeedsInputValue(source.name);
      if (source.kind === "constant")
        return fail(`input '${nameOf(input)}' is too large a constant`);
      const names = symbolicNames();
      if (names.length > 0) throw new NeedsNumbers(names);
      throw new NeedsBarrier({ kind: "read", node: node.node, value: nameOf(input) });
    },
    broadcast(...shapes) {
      const shape = broadcastShapes(writer.decisions, ...shapes);
      return shape ?? fail(`the shapes ${shapes.map(formatShape).join(" and ")} do not broadcast`);
    },
    result: (operand, type = typeOf(value(0))) => ({ kind: "operand", type, operand }),
    leaveToHost(why) {
      throw new NeedsBarrier({ kind: "host", node: node.node, why });
    },
  };
}

/** A value as a host tensor, if it is one or a small constant. */
export function hostOf(value: Value): HostTensor | undefined {
  if (value.kind === "host") return value.host;
  return value.kind === "constant" ? hostConstant(value.constant) : undefined;
}

/** What a row of the op table sees of a node wherever it is computed: its attributes, and how to refuse it. */
import { OnnxModelError } from "../errors.ts";
import type { Attribute, Constant, Node } from "../model/model.ts";

export interface HostNode {
  readonly node: Node;
  readonly opset: number;
  /** The node's name; its WebNN ops carry it. */
  readonly label: string;

  readonly inputCount: number;
  readonly has: (input: number) => boolean;

  readonly int: (name: string, otherwise: number) => number;
  readonly float: (name: string, otherwise: number) => number;
  readonly text: (name: string, otherwise: string) => string;
  readonly ints: (name: string) => readonly number[] | undefined;
  readonly floats: (name: string) => readonly number[] | undefined;
  readonly texts: (name: string) => readonly string[] | undefined;
  readonly tensor: (name: string) => Constant | undefined;

  /** Throws what says that the node cannot be run. */
  readonly fail: (why: string) => never;
}

export function makeHostNode(node: Node, opset: number): HostNode {
  const fail = (why: string): never => {
    throw new OnnxModelError("unsupported", `${node.op} '${node.name}': ${why}`);
  };
  const attribute = <K extends Attribute["kind"]>(name: string, kind: K) => {
    const found = node.attributes.get(name);
    if (found === undefined) return undefined;
    if (found.kind !== kind) fail(`attribute '${name}' is of kind ${found.kind}, not ${kind}`);
    return found.value as (Attribute & { kind: K })["value"];
  };
  return {
    node,
    opset,
    label: node.name,
    inputCount: node.inputs.length,
    has: (input) => (node.inputs[input] ?? "") !== "",
    int: (name, otherwise) => attribute(name, "int") ?? otherwise,
    float: (name, otherwise) => attribute(name, "float") ?? otherwise,
    text: (name, otherwise) => attribute(name, "string") ?? otherwise,
    ints: (name) => attribute(name, "ints"),
    floats: (name) => attribute(name, "floats"),
    texts: (name) => attribute(name, "strings"),
    tensor: (name) => attribute(name, "tensor"),
    fail,
  };
}

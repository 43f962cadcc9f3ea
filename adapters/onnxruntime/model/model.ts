/** An ONNX model as plain data: what the rest of this adapter reads, after `readModel` has checked it. */
import type { ElementType } from "./element-type.ts";

export interface Model {
  readonly irVersion: number;
  readonly producer: string;
  /** Opset version by domain; the default domain is "". */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  /** Initializers in whose place a run may feed something else: those that are inputs too, from IR version 4 on. */
  readonly overridable: readonly ValueInfo[];
  /** As the file has them, for `inlineFunctions`; most models have none. */
  readonly functions: readonly FunctionBytes[];
}

export interface FunctionBytes {
  readonly bytes: Uint8Array;
  /** The files beside the model's. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface Graph {
  readonly name: string;
  /** In an order in which producers come first. Without `Constant` nodes: those are constants. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Constant>;
  /** Inputs that have no initializer. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface Node {
  /** Never empty: nodes without a name are called by op and position. */
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** "" stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Which of the functions with its name it calls. */
  readonly overload?: string;
  /** Those of the function that it comes from; the model's where it comes from none. */
  readonly opsets?: Model["opsets"];
}

export type Attribute =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: Constant }
  | { readonly kind: "graph"; readonly value: Graph }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  /** In a function: the attribute of the call that has the value. */
  | { readonly kind: "reference"; readonly value: string }
  /** A kind that no op here takes. */
  | { readonly kind: "other"; readonly value: undefined };

/** An initializer or the value of a `Constant` node. */
export interface Constant {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Its type in the file, where it is stored in another. */
  readonly given?: ElementType;
  /** Little endian; large raw data are a view of the file. Dropped (`undefined`) once a device holds them. */
  bytes: Uint8Array | undefined;
}

/** Constants up to so many bytes stay in memory and go into each graph that uses them. */
export const smallConstant = 1024;

export interface ValueInfo {
  readonly name: string;
  /** Undefined where the file does not say, or where the value is no tensor. */
  readonly type: ElementType | undefined;
  /** What it is where it is no tensor. */
  readonly other?: "sequence" | "map" | "sparse tensor" | "optional";
  /** Undefined where the rank is unknown. A string names a dimension; "" is one without a name. */
  readonly shape: readonly (number | string)[] | undefined;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** The graphs in a node's attributes, such as the branches of If. */
export function subgraphsOf(node: Node): readonly Graph[] {
  return [...node.attributes.values()].flatMap((a) => (a.kind === "graph" ? [a.value] : []));
}

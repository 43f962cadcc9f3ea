/** What conversions write a graph with: a builder, and what makes operands of values. */
import type { Size } from "../core.ts";
import { OnnxModelError } from "../errors.ts";
import type { Constant } from "../model/model.ts";
import { storedType, type ElementType, type StoredType } from "../model/element-type.ts";
import type { Builder, IotaOptions, Operand } from "../webnn.ts";
import type { Decisions } from "./decisions.ts";
import type { Value } from "./value.ts";

export interface GraphWriter {
  readonly builder: Builder;
  readonly decisions: Decisions;
  readonly operand: (value: Value) => Operand;
  /** The value's operand as a result of the graph, which inputs and constants cannot be. */
  readonly output: (value: Value) => Operand;
  readonly shape: (value: Value) => readonly Size[];
  /** The value in another shape of as many elements. */
  readonly reshaped: (value: Value, shape: readonly Size[], label: string) => Operand;
  /** A constant of one number, expanded to a shape. */
  readonly filled: (dataType: StoredType, element: number, shape: readonly Size[]) => Operand;
  /** start, start + delta, …; only sizes that are symbolic ask for it. */
  readonly iota: (options: IotaOptions) => Operand;
  /** A constant that conversions compute; those with one key are the same, and are computed once a session. */
  readonly computed: (key: string, make: () => Constant) => Operand;
  readonly unsupported: (what: string) => never;
  /** Says that the ops of the node `into` do the work of the nodes `parts` as well. */
  readonly fuse: (fusion: Fusion) => void;
  readonly fusions: readonly Fusion[];
  /** Names of the inputs that a graph with these outputs has. */
  readonly inputsOf: (outputs: readonly Operand[]) => readonly string[];
}

/** Nodes, by name, that became one group of WebNN ops. */
export interface Fusion {
  /** "quantised product" */
  readonly what: string;
  readonly into: string;
  readonly parts: readonly string[];
}

/** The WebNN type of values of a type; an error where WebNN has none. */
export function stored(type: ElementType): StoredType {
  const dataType = storedType(type);
  if (dataType === undefined) throw new LacksType(type);
  return dataType;
}

/** Data of a type that WebNN does not have: a node that the host can compute is left to it. */
export class LacksType extends OnnxModelError {
  readonly type: ElementType;

  constructor(type: ElementType, what = "data") {
    super("unsupported", `${what} of type ${type}, which WebNN does not have`);
    this.type = type;
  }
}

/**
 * The op table's row: one ONNX op in one range of opset versions.
 *
 * `convert` writes the node's WebNN ops. `host` computes the node when all its inputs are small
 * values on the host (integers of shapes, small constants) and may decline with `undefined`.
 * `compute` is for what no graph can do: the run reads the inputs' elements, between graphs.
 */
import type { HostArray } from "../host/array.ts";
import type * as Library from "../host/library.ts";
import type { HostTensor } from "../host/host-tensor.ts";
import type { HostNode } from "../convert/host-node.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { ElementType } from "../model/element-type.ts";
import type { Constant } from "../model/model.ts";
import type { Value } from "../convert/value.ts";

/** Common rows compute with what they are handed, so that a model whose nodes all run on devices does not load it. */
export type HostLibrary = typeof Library;

export interface OpRow {
  readonly op: string;
  readonly domain: string;
  /** The first opset version with this meaning, and the last. */
  readonly since: number;
  readonly until: number;
  readonly convert?: (node: NodeContext) => Value | readonly Value[];
  readonly host?: (
    node: NodeContext,
    inputs: readonly (HostTensor | undefined)[],
  ) => HostTensor | readonly HostTensor[] | undefined;
  /** The host function reads shapes only: it serves inputs of any kind. */
  readonly readsShapesOnly?: true;
  /**
   * Computes the node from its inputs' elements, of any number: where an input or a result has a type that WebNN
   * lacks, where `convert` leaves the node to the host, and always where `onHost` is set. One array per output.
   */
  readonly compute?: (
    node: HostNode,
    inputs: readonly (HostArray | undefined)[],
    library: HostLibrary,
  ) => readonly HostArray[];
  /** Why no graph can do it, in a few words: "the shape of its result depends on elements". The report says so. */
  readonly onHost?: string;
  /**
   * What becomes of its first input's elements where they stay what they are: the result is the input ("copied"), has
   * some of them in another shape or order ("moved"), has more behind them ("appended") or in their place ("written").
   */
  readonly elements?: "copied" | "moved" | "appended" | "written";
  /** Outputs that are an input with something added: the positions of both. */
  readonly caches?: readonly { readonly past: number; readonly present: number }[];
  /** A constant input in the form that `convert` takes it in; undefined to leave it as it is. */
  readonly prepare?: (node: HostNode, given: GivenConstant) => Constant | undefined;
  /** Where an input is empty: `convert` takes that (true), or the output has the inputs' common shape. */
  readonly empties?: true | "elementwise";
  /** The type of elementwise results: one that is always the same, or that of an input (0 if unset). */
  readonly results?: ElementType | number;
}

export type { HostNode };

export interface GivenConstant {
  readonly input: number;
  readonly constant: Constant;
  /** Other inputs of the node that are constants. */
  readonly other: (input: number) => Constant | undefined;
  readonly storable: StorableTypes;
}

/** Types beyond the standard's that the context has tensors of. */
export interface StorableTypes {
  readonly uint4: boolean;
}

type Definition = Omit<OpRow, "op" | "domain" | "since" | "until"> & {
  readonly since?: number;
  readonly until?: number;
};

/** A row of the default domain. */
export function op(name: string, { since = 1, until = Infinity, ...rest }: Definition): OpRow {
  return { op: name, domain: "", since, until, ...rest };
}

/** A row of ONNX Runtime's own domain. */
export function contribOp(name: string, definition: Definition): OpRow {
  return { ...op(name, definition), domain: "com.microsoft" };
}

/**
 * A graph: nodes of op rows over values, immutable and plain data. Passes are functions Graph → Graph.
 *
 * Values are named by their index in `values`; nodes stand in an order in which operands come first.
 */
import type { Descriptor } from "../ops/row.ts";
import type { Constraint } from "../util/constraint.ts";
import type { Size } from "../util/size.ts";

export type ValueId = number;

export interface Graph {
  readonly values: readonly Value[];
  readonly nodes: readonly Node[];
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
  readonly constraints: readonly Constraint[];
}

export interface NamedValue {
  readonly name: string;
  readonly value: ValueId;
}

export interface Value extends Descriptor {
  readonly id: ValueId;
  readonly from:
    | { readonly kind: "input" }
    /** Bytes that the device holds (or will) under `key`; `inline` where the graph itself has them: small constants that passes may read. */
    | { readonly kind: "constant"; readonly key: string; readonly inline?: Uint8Array }
    /** A scalar that a pass made: its shape is []. */
    | { readonly kind: "literal"; readonly value: number | bigint }
    | { readonly kind: "node"; readonly node: number; readonly output: number };
}

export interface Node {
  /** Name of its row. */
  readonly op: string;
  /** What the user called it, or "". */
  readonly label: string;
  readonly operands: Readonly<Record<string, ValueId | readonly ValueId[]>>;
  /** Resolved attributes by argument name. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly ValueId[];
}

export type Attribute = number | bigint | boolean | string | readonly Size[] | readonly string[];

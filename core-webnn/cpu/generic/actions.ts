/** What a function does with its values, in order: stores, and loops around them. */
import type { MemoryLaneOpName, MemoryOpName } from "../opcodes.ts";
import type { Value } from "./value-graph.ts";

export type Action = Store | StoreLane | Loop | Barrier | Compute;

export interface Store {
  readonly kind: "store";
  readonly name: MemoryOpName;
  readonly address: Value;
  readonly offset: number;
  readonly value: Value;
}

/** Stores one lane of a vector. */
export interface StoreLane {
  readonly kind: "storeLane";
  readonly name: MemoryLaneOpName;
  readonly lane: number;
  readonly address: Value;
  readonly offset: number;
  readonly value: Value;
}

/**
 * Runs `body` while counter < end. All `carried` variables get their `next` values at once at the end
 * of each round; afterwards `result` is what the variable had last (its start, without a round).
 */
export interface Loop {
  readonly kind: "loop";
  /** Level of the values that change from round to round. */
  readonly level: number;
  readonly counter: Carried;
  readonly end: Value;
  readonly carried: readonly Carried[];
  readonly body: readonly Action[];
}

export interface Carried {
  readonly variable: Value;
  readonly start: Value;
  readonly next: Value;
  /** A variable of the level outside the loop. */
  readonly result?: Value;
}

/** Values of later actions may read what earlier ones stored. */
export interface Barrier {
  readonly kind: "barrier";
}

/** Computes a value here: it loads what a later action changes. */
export interface Compute {
  readonly kind: "compute";
  readonly value: Value;
}

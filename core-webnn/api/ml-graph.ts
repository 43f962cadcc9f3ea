/** MLGraph: a compiled graph (https://www.w3.org/TR/webnn/#api-mlgraph). */
import type { Constraint } from "../util/constraint.ts";
import type { Descriptor } from "../ops/row.ts";
import { defineInterface } from "./interface.ts";

/** An input or output as dispatch checks it. */
export interface PortInternals extends Descriptor {
  /** What the program calls it: inputs and outputs share one name space there. */
  readonly programName: string;
}

export interface GraphInternals {
  readonly context: object;
  readonly id: number;
  readonly devices: readonly string[];
  readonly inputs: ReadonlyMap<string, PortInternals>;
  readonly outputs: ReadonlyMap<string, PortInternals>;
  readonly constraints: readonly Constraint[];
  readonly isDestroyed: () => boolean;
  readonly destroy: () => void;
}

const key = Symbol("MLGraph");

export let createGraph: (internals: GraphInternals) => MLGraph;
/** Undefined where the value is no MLGraph of ours. */
export let graphInternals: (value: unknown) => GraphInternals | undefined;

export class MLGraph {
  readonly #internals: GraphInternals;

  private constructor(given: symbol, internals: GraphInternals) {
    if (given !== key) throw new TypeError("Illegal constructor");
    this.#internals = internals;
  }

  /** Where it runs: "cpu", "gpu". Of an earlier standard, and still what frameworks read. */
  get devices(): readonly string[] {
    return this.#internals.devices;
  }

  destroy(): undefined {
    this.#internals.destroy();
  }

  static {
    createGraph = (internals) => new MLGraph(key, internals);
    graphInternals = (value) =>
      typeof value === "object" && value !== null && #internals in value
        ? value.#internals
        : undefined;
    defineInterface(MLGraph, "MLGraph", {});
  }
}

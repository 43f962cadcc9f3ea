/** MLOperand: a value of a graph under construction (https://www.w3.org/TR/webnn/#api-mloperand). */
import type { MLOperandDataType } from "./descriptor.ts";
import { defineInterface } from "./interface.ts";
import type { RecordedOperand } from "./recording.ts";

export interface OperandInternals {
  /** The builder that made it: operands of another are refused. */
  readonly builder: object;
  readonly recorded: RecordedOperand;
}

const key = Symbol("MLOperand");

export let createOperand: (internals: OperandInternals) => MLOperand;
/** Undefined where the value is no MLOperand of ours. */
export let operandInternals: (value: unknown) => OperandInternals | undefined;

export class MLOperand {
  readonly #internals: OperandInternals;

  private constructor(given: symbol, internals: OperandInternals) {
    if (given !== key) throw new TypeError("Illegal constructor");
    this.#internals = internals;
  }

  get dataType(): MLOperandDataType {
    return this.#internals.recorded.dataType;
  }

  /** Where the graph was given named sizes, which is an extension, its items are `Size`s and not all are numbers. */
  get shape(): readonly number[] {
    return this.#internals.recorded.shape as readonly number[];
  }

  static {
    createOperand = (internals) => new MLOperand(key, internals);
    operandInternals = (value) =>
      typeof value === "object" && value !== null && #internals in value
        ? value.#internals
        : undefined;
    defineInterface(MLOperand, "MLOperand", {});
  }
}

/** MLOperand: a value of a graph under construction (https://www.w3.org/TR/webnn/#api-mloperand). */
import type { Size } from "../util/size.ts";
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

  /** Numbers; symbolic sizes only where the graph was given named ones. */
  get shape(): readonly Size[] {
    return this.#internals.recorded.shape;
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

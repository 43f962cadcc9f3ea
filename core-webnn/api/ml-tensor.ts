/** MLTensor: device memory with a type and a shape (https://www.w3.org/TR/webnn/#api-mltensor). */
import type { Checked, MLOperandDataType } from "./descriptor.ts";
import { domException } from "./errors.ts";
import { defineInterface } from "./interface.ts";

export interface TensorInternals {
  /** The context that made it: others refuse it. */
  readonly context: object;
  readonly descriptor: Checked<number> & { readonly readable: boolean; readonly writable: boolean };
  /** How the device knows it: a constant by its key, any other by its number. */
  readonly place:
    | { readonly kind: "tensor"; readonly id: number }
    | { readonly kind: "constant"; readonly key: string };
  /** Of a tensor that can be exported to the GPU: whether a buffer has its bytes now. */
  readonly exported: { isLent: boolean } | undefined;
  /** Rejects the reads that have not come back. Their tensor beside them: it is in use, so it is not to be collected. */
  readonly pending: Map<(error: DOMException) => void, MLTensor>;
  readonly isDestroyed: () => boolean;
  /** The error is for the reads that have not come back. */
  readonly destroy: (error?: DOMException) => void;
}

/** `release` gives the memory back; it is called once. */
export function newTensorInternals(
  given: Pick<TensorInternals, "context" | "descriptor" | "place" | "exported">,
  release: () => void,
): TensorInternals {
  let destroyed = false;
  const pending: TensorInternals["pending"] = new Map();
  return {
    ...given,
    pending,
    isDestroyed: () => destroyed,
    destroy(error = domException("InvalidStateError", "the tensor was destroyed")) {
      if (destroyed) return;
      destroyed = true;
      pending.forEach((_, reject) => reject(error));
      pending.clear();
      release();
    },
  };
}

const key = Symbol("MLTensor");

export let createTensor: (internals: TensorInternals) => MLTensor;
/** Undefined where the value is no MLTensor of ours. */
export let tensorInternals: (value: unknown) => TensorInternals | undefined;

export class MLTensor {
  readonly #internals: TensorInternals;

  private constructor(given: symbol, internals: TensorInternals) {
    if (given !== key) throw new TypeError("Illegal constructor");
    this.#internals = internals;
  }

  get dataType(): MLOperandDataType {
    return this.#internals.descriptor.dataType;
  }

  get shape(): readonly number[] {
    return this.#internals.descriptor.shape;
  }

  get readable(): boolean {
    return this.#internals.descriptor.readable;
  }

  get writable(): boolean {
    return this.#internals.descriptor.writable;
  }

  get constant(): boolean {
    return this.#internals.place.kind === "constant";
  }

  destroy(): undefined {
    this.#internals.destroy();
  }

  static {
    createTensor = (internals) => new MLTensor(key, internals);
    tensorInternals = (value) =>
      typeof value === "object" && value !== null && #internals in value
        ? value.#internals
        : undefined;
    defineInterface(MLTensor, "MLTensor", {});
  }
}

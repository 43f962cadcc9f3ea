/**
 * Registers this execution provider with an `ort`: onnxruntime-common, onnxruntime-web or -node.
 *
 *     import * as ort from "onnxruntime-web/wasm";
 *     const name = registerWebNN(ort);
 *     const session = await ort.InferenceSession.create(url, { executionProviders: [name] });
 */
import type { Backend } from "onnxruntime-common";
import { makeBackend, type OrtTensors } from "./session/backend.ts";

/** What `registerWebNN` needs of the module that the app takes InferenceSession from. */
export interface Ort extends OrtTensors {
  readonly registerBackend: (name: string, backend: Backend, priority: number) => void;
}

export interface RegisterOptions {
  /** The name to register under; where it is left out, the first of "webnn" and "webnn-anywhere" that is free. */
  readonly name?: string;
  /** Providers of a higher priority are tried first where a session names none. */
  readonly priority?: number;
}

const names = ["webnn", "webnn-anywhere"];

/**
 * Gives the name that it is registered under: "webnn", or "webnn-anywhere" in the bundles of
 * onnxruntime-web that have a "webnn" of their own, which cannot be replaced.
 */
export function registerWebNN(ort: Ort, options: RegisterOptions = {}): string {
  const candidates = options.name === undefined ? names : [options.name];
  const backend = makeBackend(ort, candidates);
  const name = candidates.find((candidate) =>
    tryRegister(ort, candidate, backend, options.priority ?? 5),
  );
  if (name === undefined) {
    throw new Error(`other execution providers already have the name ${candidates.join(" and ")}`);
  }
  return name;
}

/**
 * Whether the name is ours now. onnxruntime keeps the first backend of a name and says so only to a
 * second one of equal priority: that one must be refused for our sake, not we for another's.
 */
function tryRegister(ort: Ort, name: string, backend: Backend, priority: number): boolean {
  if (!accepts(ort, name, backend, priority)) return false;
  return !accepts(ort, name, { ...backend }, priority);
}

function accepts(ort: Ort, name: string, backend: Backend, priority: number): boolean {
  try {
    ort.registerBackend(name, backend, priority);
    return true;
  } catch {
    return false;
  }
}

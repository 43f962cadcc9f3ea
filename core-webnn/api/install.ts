/**
 * Puts an ML where frameworks look for one: `navigator.ml` and the globals of the interfaces. They look
 * when they are loaded, so this must come first.
 */
import { MLContext } from "./ml-context.ts";
import { MLGraphBuilder } from "./ml-graph-builder.ts";
import { MLGraph } from "./ml-graph.ts";
import { MLOperand } from "./ml-operand.ts";
import { MLTensor } from "./ml-tensor.ts";
import { ML } from "./ml.ts";

export interface InstallOptions {
  /** Also where the browser has a `navigator.ml` of its own: its presence does not say that it works. */
  readonly force?: boolean;
}

/** Whether it was installed; false where the browser's own is left in place. */
export function installInto(
  target: Record<string, unknown>,
  ml: ML,
  { force = false }: InstallOptions = {},
): boolean {
  const navigator = (target["navigator"] ?? define(target, "navigator", {})) as { ml?: unknown };
  if (navigator.ml !== undefined && !force) return navigator.ml === ml;
  defineMl(navigator, ml);
  const interfaces = { ML, MLContext, MLGraph, MLGraphBuilder, MLOperand, MLTensor };
  for (const [name, value] of Object.entries(interfaces)) define(target, name, value);
  // onnxruntime-web asks `instanceof GPUDevice` also where there is no WebGPU.
  if (target["GPUDevice"] === undefined) define(target, "GPUDevice", function GPUDevice() {});
  return true;
}

/** On the prototype, where the browser has its own, so that every reference to the navigator sees it. */
function defineMl(navigator: object, ml: ML): void {
  const prototype = Object.getPrototypeOf(navigator) as object | null;
  const owner = prototype === null || prototype === Object.prototype ? navigator : prototype;
  Object.defineProperty(owner, "ml", { get: () => ml, configurable: true, enumerable: true });
}

function define(target: object, name: string, value: unknown): unknown {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return value;
}

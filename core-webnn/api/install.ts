/**
 * Puts an ML where frameworks look for one: `navigator.ml` and the globals of the interfaces. They look
 * when they are loaded, so this must come first, and must have done enough for them when it returns.
 *
 * That a browser has a `navigator.ml` does not say that it works, and to find out takes time. Meanwhile
 * `navigator.ml` is there, and its `createContext` waits. The rest of the API needs a context, so whoever
 * has one finds the globals that belong to it.
 */
import { messageOf } from "./errors.ts";
import { MLContext } from "./ml-context.ts";
import { MLGraphBuilder } from "./ml-graph-builder.ts";
import { MLGraph } from "./ml-graph.ts";
import { MLOperand } from "./ml-operand.ts";
import { MLTensor } from "./ml-tensor.ts";
import { ML } from "./ml.ts";
import { probe } from "./probe.ts";

export interface InstallOptions {
  /** At once, without asking whether the browser's own works. */
  readonly force?: boolean;
}

/** A window, or what is global in a worker or in Node. */
export type Scope = Record<string, unknown>;

interface NavigatorML {
  readonly ml?: ML;
}

/**
 * Whether `ml` was installed; false where the browser's own works and was left as it is. Where the browser
 * has none, and with `force`, it is installed when this returns, before the promise settles.
 */
export async function installInto(
  scope: Scope,
  ml: ML,
  { force = false }: InstallOptions = {},
): Promise<boolean> {
  const navigator = (scope["navigator"] ?? define(scope, "navigator", {})) as NavigatorML;
  const present = navigator.ml;
  if (present === ml) return true;
  if (present !== undefined && !force) {
    const decided = isUndecided(present) ? present.decided : decide(scope, navigator, ml);
    return (await decided) === ml;
  }
  installAll(scope, navigator, ml);
  return true;
}

/** What `navigator.ml` is while the browser's own is probed. */
class UndecidedML {
  readonly decided: Promise<ML>;

  constructor(decided: Promise<ML>) {
    this.decided = decided;
  }

  async createContext(...given: Parameters<ML["createContext"]>): Promise<MLContext> {
    return (await this.decided).createContext(...given);
  }
}

/** Of any copy of this package: the first one decides. */
function isUndecided(ml: object): ml is UndecidedML {
  return "decided" in ml;
}

/** Probes the one that is there; gives the one to use, with `navigator.ml` and the globals already its own. */
function decide(scope: Scope, navigator: NavigatorML, ml: ML): Promise<ML> {
  const native = navigator.ml!;
  const owner = ownerOfMl(navigator);
  const descriptor = Object.getOwnPropertyDescriptor(owner, "ml")!;
  const probed = probe(native, scope["MLGraphBuilder"] as typeof MLGraphBuilder).then(
    () => native,
    (fault: unknown) => {
      console.warn(`webnn-anywhere replaces this browser's navigator.ml: ${messageOf(fault)}`);
      return ml;
    },
  );
  const decided = probed.then((working) => {
    // Not where `force` or somebody else came in between.
    if (navigator.ml === undecided) {
      if (working === ml) installAll(scope, navigator, ml);
      else Object.defineProperty(owner, "ml", descriptor);
    }
    return navigator.ml === ml ? ml : working;
  });
  const undecided: unknown = new UndecidedML(decided);
  Object.defineProperty(owner, "ml", accessor(navigator, undecided));
  return decided;
}

function installAll(scope: Scope, navigator: NavigatorML, ml: ML): void {
  Object.defineProperty(ownerOfMl(navigator), "ml", accessor(navigator, ml));
  const interfaces = { ML, MLContext, MLGraph, MLGraphBuilder, MLOperand, MLTensor };
  for (const [name, value] of Object.entries(interfaces)) define(scope, name, value);
  // onnxruntime-web asks `instanceof GPUDevice` also where there is no WebGPU.
  if (scope["GPUDevice"] === undefined) define(scope, "GPUDevice", function GPUDevice() {});
}

/** Where `ml` is, or else the prototype, so that every reference to the navigator sees it. */
function ownerOfMl(navigator: NavigatorML): object {
  const prototype = Object.getPrototypeOf(navigator) as object | null;
  const isPlain = prototype === null || prototype === Object.prototype;
  return isPlain || Object.hasOwn(navigator, "ml") ? navigator : prototype;
}

/** As WebIDL has attributes: the getter is called "get ml", and is refused on objects that are no navigator. */
function accessor(navigator: object, ml: unknown): PropertyDescriptor {
  const attributes = {
    get ml(): unknown {
      if (this !== navigator) throw new TypeError("ml: this is not the navigator");
      return ml;
    },
  };
  return Object.getOwnPropertyDescriptor(attributes, "ml")!;
}

function define(target: object, name: string, value: unknown): unknown {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return value;
}

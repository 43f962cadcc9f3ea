/**
 * Installs on import, because frameworks look for `navigator.ml` when they are loaded: import it first. A
 * browser's own that works is left as it is.
 */
import {
  installWebNN,
  type ML as OwnML,
  type MLContext as OwnMLContext,
  type MLGraph as OwnMLGraph,
  type MLGraphBuilder as OwnMLGraphBuilder,
  type MLOperand as OwnMLOperand,
  type MLTensor as OwnMLTensor,
} from "./index.ts";

/** TypeScript's own declarations of browsers do not have WebNN yet. */
declare global {
  interface Navigator {
    readonly ml: OwnML;
  }
  interface WorkerNavigator {
    readonly ml: OwnML;
  }
  var ML: typeof OwnML;
  var MLContext: typeof OwnMLContext;
  var MLGraph: typeof OwnMLGraph;
  var MLGraphBuilder: typeof OwnMLGraphBuilder;
  var MLOperand: typeof OwnMLOperand;
  var MLTensor: typeof OwnMLTensor;
}

void installWebNN();

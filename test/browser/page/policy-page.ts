/** The script of policy.html: runs the CPU device under the page's policy and tells its parent what happened. */
import { ml } from "../../../core-webnn/index.ts";
import { perceptronError } from "../../reference/perceptron.ts";

export interface PolicyReport {
  readonly error: number;
  /** What the device asked for and the policy forbids. */
  readonly violations: readonly string[];
  /** Whether the policy is in force: it forbids to make functions of strings. */
  readonly forbidsEval: boolean;
}

const violations: string[] = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective}: ${blockedURI}`),
);

perceptronOnCpu().then(
  (error) => tell({ error, violations: [...violations], forbidsEval: forbidsEval() }),
  (reason: unknown) => tell({ failure: `${reason} (${violations.join(", ")})` }),
);

async function perceptronOnCpu(): Promise<number> {
  const context = await ml.createContext({ deviceType: "cpu", numThreads: 2 });
  const error = await perceptronError(context);
  context.destroy();
  return error;
}

function forbidsEval(): boolean {
  const make = globalThis.Function;
  try {
    return make("return 1")() !== 1;
  } catch {
    return true;
  }
}

function tell(report: PolicyReport | { readonly failure: string }): void {
  parent.postMessage(report, location.origin);
}

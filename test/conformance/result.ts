/** What one case comes to, in Node or in a page. */
import type { MLContext } from "../../core-webnn/index.ts";
import { byteLengthOf } from "../../core-webnn/util/data-type.ts";
import { elementCountOf, type Case } from "./cases.ts";
import { isOffered, runCase } from "./run-case.ts";

export interface Result {
  readonly op: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly says?: string;
}

/**
 * Cases that an exact result fails; the reason says by how much.
 *
 * batchNormalization + gelu: the fifth output is gelu((3 - 6) / √(2 + 1e-5)). In 40 digits that is -0.0359513043270, whose
 * float32 is 34 ULP from what is expected; 24 are allowed, 6 for the first op and 18 for the second. The standard's
 * formula in float32, each step and erf rounded correctly, gives -0.0359513201, at 38: 1 + erf(-1.5) leaves steps of 17
 * ULP. Only an erf that is wrong by most of its last place, and that towards -1, comes within 24.
 */
const inexactCases: Readonly<Record<string, string>> = {
  "batchNormalization options.axis=0 + gelu":
    "the expected -0.0359511785 is 34 ULP from the exact -0.0359513043, and 24 are allowed; ours is 0 away",
};

/** Never throws: what the implementation throws is a failure. */
export async function resultOf(context: MLContext, one: Case): Promise<Result> {
  const { op, name } = one;
  const reason = reasonToSkip(one) ?? excess(context, one);
  if (reason !== undefined) return { op, name, outcome: "skipped", says: reason };
  try {
    const says = await runCase(context, one);
    return says === undefined
      ? { op, name, outcome: "passed" }
      : { op, name, outcome: "failed", says };
  } catch (error) {
    return { op, name, outcome: "failed", says: String(error) };
  }
}

/**
 * What opSupportLimits() says that the device cannot hold, a builder has to refuse. A GPU device asks its adapter for all
 * that there is: on lavapipe a shader binds 128 MiB at most, and one case wants 144 MB.
 */
function excess(context: MLContext, { graph }: Case): string | undefined {
  const { maxTensorByteLength } = context.opSupportLimits();
  const tensors = Object.values({ ...graph.inputs, ...graph.expectedOutputs });
  const largest = Math.max(
    ...tensors.map(({ dataType, shape }) => byteLengthOf(dataType, elementCountOf(shape))),
  );
  if (largest <= maxTensorByteLength) return undefined;
  const whose = context.accelerated ? ", the most that its adapter allows" : "";
  return `a tensor of ${largest} bytes, and maxTensorByteLength is ${maxTensorByteLength}${whose}`;
}

function reasonToSkip(one: Case): string | undefined {
  if (!isOffered(one)) {
    const names = one.graph.operators.map((operator) => operator.name).join(", ");
    return `not offered yet: among ${names}`;
  }
  return inexactCases[one.name];
}

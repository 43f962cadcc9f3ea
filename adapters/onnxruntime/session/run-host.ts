/** Computes one node on the host, between graphs: reads its inputs' elements and gives its results as bytes. */
import { makeHostNode } from "../convert/host-node.ts";
import { OnnxModelError } from "../errors.ts";
import type { HostArray } from "../host/array.ts";
import { elementCount, type Model, type Node } from "../model/model.ts";
import type { HostLibrary } from "../ops/row.ts";
import { opsetOf, rowOf } from "../ops/table.ts";
import type { RunDevice } from "./run-device.ts";
import { hostValue, shapeOf, type RunValue } from "./run-value.ts";
import type { VaryingSizes } from "./varying-sizes.ts";

export interface HostStepContext {
  readonly device: RunDevice;
  readonly opsets: Model["opsets"];
  readonly varyingSizes: VaryingSizes;
}

/** The node's results by name. */
export async function computeOnHost(
  node: Node,
  valueOf: (name: string) => RunValue,
  { device, opsets, varyingSizes }: HostStepContext,
): Promise<ReadonlyMap<string, RunValue>> {
  const { hostLibrary } = await import("../rare.ts");
  const { arrayOfBytes, bytesOfArray } = hostLibrary;
  const arrays = await Promise.all(
    node.inputs.map(async (name) => {
      if (name === "") return undefined;
      const value = valueOf(name);
      return arrayOfBytes(value.type, shapeOf(value), await device.read(name, value));
    }),
  );
  const results = compute(node, opsets, arrays, hostLibrary);
  const values = new Map<string, RunValue>();
  node.outputs.forEach((name, i) => {
    const result = results[i];
    if (name === "" || result === undefined) return;
    const { shape, varying } = result;
    const dimensions = varyingSizes.dimensions(node, name, shape, varying);
    values.set(name, { ...hostValue(result.type, result.shape, bytesOfArray(result)), dimensions });
  });
  return values;
}

function compute(
  node: Node,
  opsets: Model["opsets"],
  inputs: readonly (HostArray | undefined)[],
  library: HostLibrary,
): readonly HostArray[] {
  const row = rowOf(node, opsets)!;
  const hostNode = makeHostNode(node, opsetOf(node, opsets)!);
  let results: readonly HostArray[];
  try {
    results =
      row.compute?.(hostNode, inputs, library) ??
      hostNode.fail(`${row.onHost ?? "its types"}: the host does not compute it`);
  } catch (error) {
    // Lack of memory keeps its type.
    if (error instanceof OnnxModelError || error instanceof RangeError) throw error;
    if (!(error instanceof Error)) throw error;
    throw new OnnxModelError("unsupported", `${node.op} '${node.name}': ${error.message}`, {
      cause: error,
    });
  }
  for (const [i, { data, shape }] of results.entries()) {
    if (data.length !== elementCount(shape)) {
      throw new Error(`unreachable: ${node.op} gave ${data.length} elements for result ${i}`);
    }
  }
  return results;
}

/** What passes may know of a GPU: its limits, and that a contraction's operands may be expressions. */
import type { DeviceFacts } from "../util/device-facts.ts";
import { storageTypes } from "../util/data-type.ts";

export function gpuFacts({ limits }: Pick<GPUDevice, "limits">): DeviceFacts {
  return {
    name: "gpu",
    dataTypes: storageTypes,
    maxTensorByteLength: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize),
    maxBuffersPerKernel: limits.maxStorageBuffersPerShaderStage,
    contraction: { operands: "any", panelWidth: 0, encodedAlongK: false },
  };
}

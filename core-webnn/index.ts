/** The only public door of the core: the W3C interfaces, what this implementation adds, and sizes. */
import { chooseBackend } from "./api/choose-backend.ts";
import { installInto, type InstallOptions, type Scope } from "./api/install.ts";
import { createMLWith, type ML } from "./api/ml.ts";

export { ML } from "./api/ml.ts";
export { MLContext } from "./api/ml-context.ts";
export { MLGraph } from "./api/ml-graph.ts";
export { MLGraphBuilder } from "./api/ml-graph-builder.ts";
export { MLOperand } from "./api/ml-operand.ts";
export { MLTensor } from "./api/ml-tensor.ts";
export { extensions } from "./api/extensions.ts";
export {
  addSizes,
  divideExactly,
  evaluateSize,
  floorDivideSizes,
  formatShape,
  multiplySizes,
  named,
  namesIn,
  sizeKey,
  sizesEqual,
  subtractSizes,
} from "./util/size.ts";

export type { InstallOptions } from "./api/install.ts";
export type { MLContextOptions, MLDeviceType, MLPowerPreference } from "./api/ml.ts";
export type { MLContextLostInfo, MLNamedTensors } from "./api/ml-context.ts";
export type {
  MLDimension,
  MLOperandDataType,
  MLOperandDescriptor,
  MLTensorDescriptor,
} from "./api/descriptor.ts";
export type { MLNamedOperands } from "./api/ml-graph-builder.ts";
export type {
  MLDataTypeList,
  MLOperatorSupportLimits,
  MLOpSupportLimits,
  MLRankRange,
  MLTensorLimits,
} from "./api/support-limits.ts";
export type * from "./api/ml-graph-builder-methods.ts";
export type { Extensions, IotaOptions, OwnExtensions } from "./api/extensions.ts";
export type { BackendThread, BackendThreads } from "./api/backend.ts";
export type { DeviceStatistics } from "./plan/device.ts";
export type { DataType } from "./util/data-type.ts";
export type { NamedSize, Size, Sizes } from "./util/size.ts";

/** An ML as `navigator.ml` is one; contexts made through it are this implementation's. */
export function createML(): ML {
  return createMLWith(chooseBackend);
}

export const ml: ML = createML();

/**
 * Makes `ml` the page's (or the worker's) `navigator.ml`, unless the browser's own works; with `force` also then.
 * Whether it did. To try the browser's own takes a moment, during which `navigator.ml.createContext` waits.
 */
export function installWebNN(options: InstallOptions = {}): Promise<boolean> {
  return installInto(globalThis as unknown as Scope, ml, options);
}

/**
 * A drop-in for onnxruntime-web: onnxruntime-common's API with this execution provider as its default.
 *
 *     import * as ort from "webnn-anywhere/onnxruntime";
 *     const session = await ort.InferenceSession.create("model.onnx");
 *
 * An app that has an `ort` already gives that to `registerWebNN`.
 */
import * as common from "onnxruntime-common";
import { registerWebNN } from "./register.ts";

export * from "onnxruntime-common";
export { registerWebNN, type Ort, type RegisterOptions } from "./register.ts";
export { sessionReport } from "./session/backend.ts";
export type { CacheReport } from "./session/caches.ts";
export type { ProfileEvent } from "./session/profiler.ts";
export type {
  Bytes,
  FixedSize,
  NodePlacement,
  SessionReport,
  UnitReport,
} from "./session/report.ts";
export type { WebNNOptions, WebNNRunOptions } from "./session/options.ts";
export {
  OnnxModelError,
  OnnxMemoryError,
  OnnxValueError,
  type ModelErrorCode,
  type ValueProblem,
} from "./errors.ts";

registerWebNN(common, { priority: 100 });

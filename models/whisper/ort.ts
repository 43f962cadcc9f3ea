/**
 * What this pipeline needs of ONNX Runtime's API: ours (`webnn-anywhere/onnxruntime`), onnxruntime-web and
 * onnxruntime-node all have it.
 */
import type {
  InferenceSession,
  InferenceSessionFactory,
  Tensor,
  TensorConstructor,
} from "onnxruntime-common";

export type { InferenceSession as OrtSession, Tensor as OrtTensor } from "onnxruntime-common";

export interface OrtLike {
  readonly InferenceSession: Pick<InferenceSessionFactory, "create">;
  readonly Tensor: TensorConstructor;
}

export type SessionOptions = InferenceSession.SessionOptions;
export type ExecutionProviders = SessionOptions["executionProviders"];
export type DataLocation = Tensor.DataLocation;
export type Outputs = InferenceSession.OnnxValueMapType;

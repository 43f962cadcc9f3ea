/** What ONNX's versions this execution provider was written for: those of ONNX 1.20. */
import type { Model } from "./model.ts";

const newest = { ir: 13, opset: 26 } as const;

export function isOfNewerOnnx({ irVersion, opsets }: Model): boolean {
  return irVersion > newest.ir || (opsets.get("") ?? 0) > newest.opset;
}

/** Says that a model is of a newer ONNX: it runs by the newest meaning that is known here. */
import type { Model } from "./model.ts";

export function warnOfVersions({ irVersion, opsets }: Model): void {
  console.warn(
    `webnn-anywhere: the model is of IR version ${irVersion} and operator set ${opsets.get("") ?? "none"} of ai.onnx, ` +
      "newer than this execution provider knows. It runs with the newest meaning of each operator that is known here.",
  );
}

/** A small model that tests of sessions share, and a count of the tensors that a session holds. */
import type { Tensor } from "onnxruntime-common";
import type { DeviceTensor, WebNN } from "../../../adapters/onnxruntime/webnn.ts";
import type { ModelSpec } from "./onnx-writer.ts";
import { floats } from "./tensors.ts";

/** sum = a + b, twice = 2 a */
export const model: ModelSpec = {
  nodes: [
    { op: "Add", name: "add", inputs: ["a", "b"], outputs: ["sum"] },
    { op: "Add", name: "double", inputs: ["a", "a"], outputs: ["twice"] },
  ],
  inputs: [
    { name: "a", type: "float32", shape: ["n", 2] },
    { name: "b", type: "float32", shape: ["n", 2] },
  ],
  outputs: [
    { name: "sum", type: "float32", shape: ["n", 2] },
    { name: "twice", type: "float32", shape: ["n", 2] },
  ],
};
export const a = (): Tensor => floats([1, 2], [1, 2]);
export const b = (): Tensor => floats([1, 2], [10, 20]);

/** Counts the tensors that a session has made and not destroyed. */
export function counting(): { live: Set<DeviceTensor>; wrap: (webnn: WebNN) => WebNN } {
  const live = new Set<DeviceTensor>();
  const track = (tensor: DeviceTensor): DeviceTensor => {
    live.add(tensor);
    const destroy = tensor.destroy.bind(tensor);
    tensor.destroy = () => {
      live.delete(tensor);
      destroy();
    };
    return tensor;
  };
  const wrap = (webnn: WebNN): WebNN => ({
    ...webnn,
    context: new Proxy(webnn.context, {
      get(target, key) {
        if (key === "createTensor" || key === "createConstantTensor") {
          return async (...args: [never, never]) => track(await target[key](...args));
        }
        const member = Reflect.get(target, key) as unknown;
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    }),
  });
  return { live, wrap };
}

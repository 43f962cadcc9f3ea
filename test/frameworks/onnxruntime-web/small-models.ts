/** Models of a few nodes. */
import {
  f32,
  i64,
  writeModel,
  type ElementTypeName,
} from "../../adapters/onnxruntime/onnx-writer.ts";

/** y = x + 1 */
export function increment(...shape: readonly (number | string)[]): Uint8Array {
  return writeModel({
    nodes: [{ op: "Add", name: "plus", inputs: ["x", "one"], outputs: ["y"] }],
    inputs: [{ name: "x", type: "float32", shape }],
    outputs: [{ name: "y", type: "float32", shape }],
    initializers: { one: f32([], [1]) },
  });
}

/** y = x + 2^53 + 1, which needs all 64 bits. */
export function beyondDoubles(): Uint8Array {
  return writeModel({
    nodes: [{ op: "Add", name: "plus", inputs: ["x", "large"], outputs: ["y"] }],
    inputs: [{ name: "x", type: "int64", shape: [2] }],
    outputs: [{ name: "y", type: "int64", shape: [2] }],
    initializers: { large: i64([], [2n ** 53n + 1n]) },
  });
}

/** y = a + b, numbers without dimensions. */
export function scalarSum(type: ElementTypeName): Uint8Array {
  return writeModel({
    nodes: [{ op: "Add", name: "plus", inputs: ["a", "b"], outputs: ["y"] }],
    inputs: [
      { name: "a", type, shape: [] },
      { name: "b", type, shape: [] },
    ],
    outputs: [{ name: "y", type, shape: [] }],
  });
}

/** y = exp(atan(x + x)): ORT's WebNN provider has no atan, so its wasm stands between two graphs. */
export function interrupted(): Uint8Array {
  return writeModel({
    nodes: [
      { op: "Add", name: "double", inputs: ["x", "x"], outputs: ["d"] },
      { op: "Atan", name: "atan", inputs: ["d"], outputs: ["t"] },
      { op: "Exp", name: "exp", inputs: ["t"], outputs: ["y"] },
    ],
    inputs: [{ name: "x", type: "float32", shape: [4] }],
    outputs: [{ name: "y", type: "float32", shape: [4] }],
  });
}

/** Means of 2 × 2 pixels, also of those that only half lie in the image. */
export function pooled(): Uint8Array {
  return writeModel({
    nodes: [
      {
        op: "AveragePool",
        name: "mean",
        inputs: ["x"],
        outputs: ["y"],
        attributes: {
          kernel_shape: { ints: [2, 2] },
          strides: { ints: [2, 2] },
          ceil_mode: { int: 1 },
        },
      },
    ],
    inputs: [{ name: "x", type: "float32", shape: [1, 1, 3, 3] }],
    outputs: [{ name: "y", type: "float32", shape: [1, 1, 2, 2] }],
  });
}

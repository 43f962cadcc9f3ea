import { one, random, type OpCase } from "./make-case.ts";
import { f32, i64, type AttributeSpec, type TensorSpec } from "../onnx-writer.ts";

const plain = { scores: random([3, 5]), labels: i64([3], [1, 0, 4]) };
const places = { scores: random([3, 5, 2]), labels: i64([3, 2], [1, 0, 4, 2, 2, 3]) };
const planes = { scores: random([2, 3, 2, 2]), labels: i64([2, 2, 2], [0, 1, 2, 0, 1, 1, 2, 2]) };
const weights = f32([5], [0.2, 0.3, 0.6, 0.1, 0.5]);

type Tensors = Readonly<Record<string, TensorSpec>>;

const forms: readonly (readonly [string, Tensors, Readonly<Record<string, AttributeSpec>>])[] = [
  ["by default", plain, {}],
  ["of places", places, {}],
  ["of planes", planes, {}],
  ["none", places, { reduction: { text: "none" } }],
  ["sum", places, { reduction: { text: "sum" } }],
  ["none, with weights", { ...places, weights }, { reduction: { text: "none" } }],
  ["sum, with weights", { ...places, weights }, { reduction: { text: "sum" } }],
  ["mean, with weights", { ...places, weights }, {}],
  ["mean, ignoring", places, { ignore_index: { int: 2 } }],
  ["none, ignoring", places, { reduction: { text: "none" }, ignore_index: { int: 2 } }],
  ["mean, ignoring, with weights", { ...places, weights }, { ignore_index: { int: 2 } }],
  [
    "ignoring what is no class",
    { ...places, labels: i64([3, 2], [1, -1, 4, 2, -1, 3]), weights },
    { ignore_index: { int: -1 } },
  ],
  ["int32 labels", { ...plain, labels: { type: "int32", shape: [3], data: [1, 0, 4] } }, {}],
];

export const losses: readonly OpCase[] = forms.flatMap(([why, tensors, attributes]) => [
  one("NegativeLogLikelihoodLoss", why, tensors, { opset: 13, attributes, tolerance: 2e-6 }),
  one("SoftmaxCrossEntropyLoss", why, tensors, {
    opset: 13,
    attributes,
    types: ["float32", "float32"],
    tolerance: 2e-6,
  }),
]);

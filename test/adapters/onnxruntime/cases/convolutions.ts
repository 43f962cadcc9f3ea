import { chain, one, random, int, ints, node, type OpCase } from "./make-case.ts";
import type { NodeSpec, TensorSpec } from "../onnx-writer.ts";

const x1 = random([2, 4, 9]);
const x2 = random([2, 4, 7, 8]);
const x3 = random([2, 4, 5, 6, 7], 1);
const tolerance = 3e-6;

function fused(
  why: string,
  attributes: NonNullable<NodeSpec["attributes"]>,
  more: Readonly<Record<string, TensorSpec>> = {},
): OpCase {
  const tensors = { x: x2, w: random([3, 4, 3, 2], 1, 4), b: random([3], 1, 5), ...more };
  const conv = node("FusedConv", Object.keys(tensors), "y", attributes);
  const nodes = [{ ...conv, domain: "com.microsoft" }];
  return {
    ...chain(`FusedConv: ${why}`, nodes, tensors, { y: "float32" }, { tolerance }),
    opsets: { "com.microsoft": 1 },
  };
}

const noImages: TensorSpec = { type: "float32", shape: [0, 4, 7, 8], data: [] };

export const convolutions: readonly OpCase[] = [
  one(
    "Conv",
    "of no images",
    { x: noImages, w: random([3, 4, 3, 3], 1, 4) },
    { attributes: { strides: ints(2, 1) } },
  ),
  one(
    "Conv",
    "of one dimension with all options",
    { x: x1, w: random([6, 2, 3], 1, 4), b: random([6]) },
    {
      attributes: {
        group: int(2),
        strides: ints(2),
        dilations: ints(2),
        pads: ints(2, 1),
        kernel_shape: ints(3),
      },
      tolerance,
    },
  ),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((pad) =>
    one(
      "Conv",
      `${pad} with strides`,
      { x: x2, w: random([3, 4, 4, 3], 1, 4) },
      { attributes: { auto_pad: { text: pad }, strides: ints(3, 2) }, tolerance },
    ),
  ),
  one(
    "Conv",
    "SAME_UPPER of stride 1",
    { x: x2, w: random([3, 4, 2, 3], 1, 4) },
    { attributes: { auto_pad: { text: "SAME_UPPER" } }, tolerance },
  ),
  one("Conv", "of three dimensions", { x: x3, w: random([3, 4, 2, 3, 2], 1, 4) }, { tolerance }),
  one(
    "Conv",
    "of three dimensions with all options",
    { x: x3, w: random([6, 2, 3, 2, 3], 1, 4), b: random([6]) },
    {
      attributes: {
        group: int(2),
        strides: ints(2, 1, 2),
        dilations: ints(1, 2, 1),
        pads: ints(1, 0, 2, 2, 1, 0),
      },
      tolerance,
    },
  ),
  one(
    "Conv",
    "of three dimensions, each channel by itself, SAME_LOWER",
    { x: x3, w: random([4, 1, 3, 2, 2], 1, 4) },
    { attributes: { group: int(4), auto_pad: { text: "SAME_LOWER" }, strides: ints(2, 2, 1) } },
  ),
  one("Conv", "of opset 1", { x: x2, w: random([2, 4, 1, 1], 1, 4) }, { opset: 7, tolerance }),
  one("ConvTranspose", "of one dimension", { x: x1, w: random([4, 3, 3], 1, 4) }, { tolerance }),
  one(
    "ConvTranspose",
    "of one dimension with all options",
    { x: x1, w: random([4, 3, 3], 1, 4), b: random([6]) },
    {
      attributes: {
        group: int(2),
        strides: ints(3),
        dilations: ints(2),
        pads: ints(2, 1),
        output_padding: ints(2),
      },
      tolerance,
    },
  ),
  one(
    "ConvTranspose",
    "of two dimensions",
    { x: x2, w: random([4, 3, 3, 2], 1, 4), b: random([3]) },
    { attributes: { strides: ints(2, 3), pads: ints(1, 0, 2, 1) }, tolerance },
  ),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((pad) =>
    one(
      "ConvTranspose",
      pad,
      { x: x2, w: random([4, 3, 4, 3], 1, 4) },
      { attributes: { auto_pad: { text: pad }, strides: ints(3, 2) }, tolerance },
    ),
  ),
  one(
    "ConvTranspose",
    "to an output shape",
    { x: x2, w: random([4, 3, 3, 3], 1, 4), b: random([3]) },
    { attributes: { output_shape: ints(20, 24), strides: ints(3, 3) }, tolerance },
  ),
  one(
    "ConvTranspose",
    "to an output shape, SAME_UPPER with output_padding",
    { x: x2, w: random([4, 3, 3, 3], 1, 4) },
    {
      attributes: {
        output_shape: ints(13, 16),
        strides: ints(2, 2),
        auto_pad: { text: "SAME_UPPER" },
        output_padding: ints(1, 1),
      },
      tolerance,
    },
  ),
  one(
    "ConvTranspose",
    "of three dimensions",
    { x: x3, w: random([4, 2, 2, 3, 2], 1, 4) },
    { tolerance },
  ),
  one(
    "ConvTranspose",
    "of three dimensions with all options",
    { x: x3, w: random([4, 3, 3, 2, 3], 1, 4), b: random([6]) },
    {
      attributes: {
        group: int(2),
        strides: ints(2, 1, 2),
        dilations: ints(2, 2, 1),
        pads: ints(3, 0, 2, 1, 1, 0),
        output_padding: ints(1, 0, 1),
      },
      tolerance,
    },
  ),
  one(
    "ConvTranspose",
    "of three dimensions whose padding cuts whole elements of the window",
    { x: random([1, 2, 2, 3, 3], 1), w: random([2, 2, 4, 2, 2], 1, 4), b: random([2]) },
    { attributes: { strides: ints(3, 1, 1), pads: ints(3, 0, 0, 1, 0, 0) }, tolerance },
  ),
  fused("without an activation", {}),
  fused("Relu", { activation: { text: "Relu" }, strides: ints(2, 1) }),
  fused("Sigmoid", { activation: { text: "Sigmoid" } }),
  fused("Tanh", { activation: { text: "Tanh" } }),
  fused("LeakyRelu", { activation: { text: "LeakyRelu" }, activation_params: { floats: [0.3] } }),
  fused("Clip", { activation: { text: "Clip" }, activation_params: { floats: [-0.5, 0.75] } }),
  fused("HardSigmoid", {
    activation: { text: "HardSigmoid" },
    activation_params: { floats: [0.3, 0.4] },
  }),
  fused("with a sum", { activation: { text: "Relu" } }, { z: random([2, 3, 5, 7], 2, 8) }),
];

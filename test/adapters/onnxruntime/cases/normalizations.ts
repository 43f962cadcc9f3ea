import { chain, node, one, random, int, ints, positive, noise, type OpCase } from "./make-case.ts";
import { f32, i64, type TensorSpec } from "../onnx-writer.ts";

const tolerance = 5e-6;
const x = random([2, 4, 3, 5]);
const x3 = random([2, 4, 6]);
const x5 = random([2, 4, 2, 3, 2]);
const [s, b, m] = [random([4], 2, 5), random([4], 2, 6), random([4], 2, 7)];
const v = f32([4], positive.data.slice(0, 4).map(Number));
const parameters = { s, b, m, v };

/** Channels-last normalisations of com.microsoft, which onnxruntime-node lacks: it runs their definition. */
function ofImages(
  op: string,
  why: string,
  tensors: Readonly<Record<string, TensorSpec>>,
  form: { readonly groups: number; readonly activation: number; readonly epsilon?: number },
): OpCase {
  const { groups, activation, epsilon = 1e-5 } = form;
  const names = Object.keys(tensors);
  const isSum = names.includes("skip");
  const outputs = isSum ? ["y", "sum"] : ["y"];
  const numbers = { groups: int(groups), activation: int(activation), epsilon: { float: epsilon } };
  const attributes = { num_groups: int(groups), epsilon: { float: epsilon } };
  const isPixel = tensors["skip"]?.shape.length === 2;
  const oracle = [
    ...(isPixel
      ? [
          node("Constant", [], "middle", { value: { tensor: i64([2], [1, 2]) } }),
          node("Unsqueeze", ["skip", "middle"], "pixels"),
        ]
      : []),
    ...(isSum ? [node("Add", ["x", isPixel ? "pixels" : "skip"], "both")] : []),
    ...(isSum
      ? [
          names.includes("bias")
            ? node("Add", ["both", "bias"], "sum")
            : node("Identity", ["both"], "sum"),
        ]
      : []),
    node("Transpose", [isSum ? "sum" : "x"], "first", { perm: ints(0, 3, 1, 2) }),
    node("GroupNormalization", ["first", "g", "b"], "normal", attributes),
    node("Transpose", ["normal"], "last", { perm: ints(0, 2, 3, 1) }),
    node("Sigmoid", ["last"], "gate"),
    activation === 1 ? node("Mul", ["last", "gate"], "y") : node("Identity", ["last"], "y"),
  ];
  const only = { ...node(op, names, "y", numbers), domain: "com.microsoft", outputs };
  const types = Object.fromEntries(outputs.map((name) => [name, "float32" as const]));
  return {
    ...chain(`${op}: ${why}`, [only], tensors, types, { opset: 21, tolerance }),
    opsets: { "com.microsoft": 1 },
    oracle,
  };
}

const constant = (name: string, tensor: TensorSpec) =>
  node("Constant", [], name, { value: { tensor } });

const images = random([2, 3, 4, 8]);
const gamma = { g: random([8], 2, 5), b: random([8], 2, 6) };

export const normalizations: readonly OpCase[] = [
  ...[7, 9, 14, 15].map((opset) =>
    one("BatchNormalization", `of opset ${opset}`, { x, ...parameters }, { opset, tolerance }),
  ),
  one(
    "BatchNormalization",
    "of constants, of three dimensions",
    { x: x5, ...parameters },
    { constants: ["s", "b", "m", "v"], attributes: { epsilon: { float: 0.01 } }, tolerance },
  ),
  one("BatchNormalization", "of one dimension", { x: x3, ...parameters }, { tolerance }),
  one("BatchNormalization", "of vectors", { x: random([3, 4]), ...parameters }, { tolerance }),
  one(
    "BatchNormalization",
    "of each place by itself",
    {
      x: random([2, 2, 3]),
      s: random([2, 3], 2, 5),
      b: random([2, 3], 2, 6),
      m: random([2, 3], 2, 7),
      v: f32(
        [2, 3],
        noise(6, 1, 8).map((value) => value + 1.5),
      ),
    },
    { opset: 8, attributes: { spatial: int(0) }, tolerance },
  ),
  one(
    "BatchNormalization",
    "in training",
    { x, ...parameters },
    {
      opset: 15,
      attributes: { training_mode: int(1), momentum: { float: 0.8 } },
      types: ["float32", "float32", "float32"],
      tolerance,
    },
  ),
  ...[x3, x, x5].map((images, i) =>
    one("InstanceNormalization", `of ${i + 1} dimensions`, { x: images, s, b }, { tolerance }),
  ),
  one(
    "InstanceNormalization",
    "with an epsilon",
    { x, s, b },
    { attributes: { epsilon: { float: 0.1 } }, tolerance },
  ),
  one(
    "GroupNormalization",
    "of opset 18",
    { x, s: random([2], 2, 5), b: random([2], 2, 6) },
    { opset: 18, attributes: { num_groups: int(2) }, tolerance },
  ),
  one(
    "GroupNormalization",
    "of opset 21",
    { x, s, b },
    { opset: 21, attributes: { num_groups: int(2), epsilon: { float: 0.01 } }, tolerance },
  ),
  one(
    "GroupNormalization",
    "of opset 21, one dimension",
    { x: x3, s, b },
    { opset: 21, attributes: { num_groups: int(4) }, tolerance },
  ),
  ofImages("GroupNorm", "channels last", { x: images, ...gamma }, { groups: 2, activation: 0 }),
  ofImages(
    "GroupNorm",
    "with SiLU",
    { x: images, ...gamma },
    { groups: 4, activation: 1, epsilon: 0.01 },
  ),
  ofImages(
    "SkipGroupNorm",
    "of images",
    { x: images, ...gamma, skip: random([2, 3, 4, 8], 2, 9) },
    { groups: 2, activation: 0 },
  ),
  ofImages(
    "SkipGroupNorm",
    "of one pixel each, with a bias",
    { x: images, ...gamma, skip: random([2, 8], 2, 9), bias: random([8], 2, 10) },
    { groups: 2, activation: 1 },
  ),
  one("BatchNormalization", "of no images", { x: f32([0, 4, 2, 3], []), ...parameters }),
  {
    ...one(
      "LRN",
      "of an even number of channels, which onnxruntime refuses",
      { x },
      {
        attributes: {
          size: int(4),
          alpha: { float: 0.3 },
          beta: { float: 0.6 },
          bias: { float: 1.5 },
        },
        tolerance,
      },
    ),
    oracle: [
      node("Mul", ["x", "x"], "squares"),
      constant("axis", i64([1], [1])),
      node("Unsqueeze", ["squares", "axis"], "deep"),
      node("AveragePool", ["deep"], "mean", {
        kernel_shape: ints(4, 1, 1),
        pads: ints(1, 0, 0, 2, 0, 0),
        count_include_pad: int(1),
      }),
      node("Squeeze", ["mean", "axis"], "around"),
      constant("alpha", f32([], [0.3])),
      constant("beta", f32([], [0.6])),
      constant("bias", f32([], [1.5])),
      node("Mul", ["around", "alpha"], "scaled"),
      node("Add", ["scaled", "bias"], "base"),
      node("Pow", ["base", "beta"], "norm"),
      node("Div", ["x", "norm"], "y0"),
    ],
  },
  one("LRN", "of three channels", { x }, { attributes: { size: int(3) }, tolerance }),
  one(
    "LRN",
    "with all options",
    { x },
    {
      attributes: {
        size: int(5),
        alpha: { float: 0.3 },
        beta: { float: 0.6 },
        bias: { float: 1.5 },
      },
      tolerance,
    },
  ),
  one("LpNormalization", "by default", { x }, { tolerance }),
  one(
    "LpNormalization",
    "of power 1 along an axis, with zeros",
    { x: f32([2, 3], [1, 0, -2, 3, 0, 4]) },
    { attributes: { axis: int(0), p: int(1) }, tolerance },
  ),
  one("MeanVarianceNormalization", "by default", { x }, { tolerance }),
  one(
    "MeanVarianceNormalization",
    "of given axes",
    { x },
    { attributes: { axes: ints(1, -1) }, tolerance },
  ),
  one("MeanVarianceNormalization", "of opset 8", { x }, { opset: 8, tolerance }),
  one(
    "MeanVarianceNormalization",
    "of opset 8, across channels",
    { x },
    { opset: 8, attributes: { across_channels: int(1), normalize_variance: int(0) }, tolerance },
  ),
];

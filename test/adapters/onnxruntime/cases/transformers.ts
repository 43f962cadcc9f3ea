/** What transformers have beside attention: normalisations of vectors, gelus, fused products. */
import { toHalf } from "../../../../core-webnn/util/half.ts";
import type { TensorSpec } from "../onnx-writer.ts";
import { contrib, i32, inFloats, int, one, ramp, random, typed, type OpCase } from "./make-case.ts";

const x = random([2, 3, 8], 2, 3);
const skip = random([2, 3, 8], 2, 5);
const [scale, bias, other] = [random([8], 1, 7), random([8], 1, 11), random([8], 1, 13)];
const text = (value: string) => ({ text: value });
const float = (value: number) => ({ float: value });
const half = (tensor: TensorSpec): TensorSpec =>
  typed(
    "float16",
    tensor.data.map((value) => toHalf(Number(value))),
    tensor.shape,
  );
const halfTolerance = 4e-3;
const three = ["float32", "float32", "float32"] as const;
const four = [...three, "float32"] as const;

const norms: readonly OpCase[] = [
  one("LayerNormalization", "mean and inverse deviation", { x, scale, bias }, { types: three, tolerance: 5e-6 }),
  one("LayerNormalization", "float16", { x: half(x), scale: half(scale), bias: half(bias) }, {
    types: ["float16"],
    tolerance: halfTolerance,
  }),
  one("LayerNormalization", "of two dimensions, with statistics", {
    x, scale: random([3, 8], 1, 7),
  }, { types: three, attributes: { axis: int(1), epsilon: float(0.01) }, tolerance: 5e-6 }),
  one("LayerNormalization", "opset 13, as ONNX Runtime has it", { x, scale, bias }, { opset: 13 }),
  one("RMSNormalization", "last dimension", { x, scale }, { opset: 23 }),
  one("RMSNormalization", "two dimensions", { x, scale: random([3, 8], 1, 7) }, {
    opset: 23,
    attributes: { axis: int(-2), epsilon: float(0.1) },
  }),
  one("SimplifiedLayerNormalization", "last dimension", { x, scale }, { opset: 17 }),
  one("SimplifiedLayerNormalization", "float16", { x: half(x), scale: half(scale) }, {
    types: ["float16"], tolerance: halfTolerance,
  }),
  one("SimplifiedLayerNormalization", "inverse deviation", { x, scale }, {
    types: ["float32", "float32"], attributes: { epsilon: float(0.1) },
  }),
  contrib("SkipLayerNormalization", "scale and bias", { x, skip, scale, bias }, { tolerance: 5e-6 }),
  contrib("SkipLayerNormalization", "all inputs, and the sum", { x, skip, scale, bias, other }, {
    types: four,
    outputs: ["y0", "", "", "y3"],
    tolerance: 5e-6,
    attributes: { epsilon: float(0.01) },
  }),
  contrib("SkipLayerNormalization", "one skip for all", { x, skip: random([3, 8], 2, 5), scale }, { tolerance: 5e-6 }),
  contrib("SkipLayerNormalization", "float16", {
    x: half(x), skip: half(skip), scale: half(scale), bias: half(bias),
  }, { types: ["float16"], tolerance: halfTolerance }),
  contrib("SkipSimplifiedLayerNormalization", "scale", { x, skip, scale }),
  contrib("SkipSimplifiedLayerNormalization", "bias, and the sum", { x, skip, scale, bias }, {
    types: four,
    outputs: ["y0", "", "", "y3"],
  }),
  contrib("SkipSimplifiedLayerNormalization", "float16", { x: half(x), skip: half(skip), scale: half(scale) }, {
    types: ["float16"], tolerance: halfTolerance,
  }),
]; // prettier-ignore

const [words, places, kinds] = [random([9, 8], 1, 3), random([5, 8], 1, 5), random([2, 8], 1, 7)];
const ids = i32([2, 3], [1, 8, 0, 4, 4, 2]);
const segments = i32([2, 3], [0, 0, 1, 1, 0, 1]);
const mask = i32([2, 3], [1, 1, 0, 1, 1, 1]);
const allEmbedded = { ids, segments, words, places, kinds, scale, bias, mask };

const embeddings: readonly OpCase[] = [
  contrib("EmbedLayerNormalization", "words, places, segments and a mask", allEmbedded, {
    types: ["float32", "int32"],
    tolerance: 5e-6,
  }),
  contrib(
    "EmbedLayerNormalization",
    "without segments or mask, with the sum",
    { ids, words, places, scale, bias },
    {
      types: ["float32", "int32", "float32"],
      inputs: ["ids", "", "words", "places", "", "scale", "bias"],
      tolerance: 5e-6,
    },
  ),
  contrib(
    "EmbedLayerNormalization",
    "places that are given",
    { ...allEmbedded, given: i32([2, 3], [2, 1, 0, 4, 3, 2]) },
    { types: ["float32", "int32"], attributes: { epsilon: float(0.1) }, tolerance: 5e-6 },
  ),
];

const gelus: readonly OpCase[] = [
  one("Gelu", "exact", { ramp }, { opset: 20 }),
  one("Gelu", "by tanh", { ramp }, { opset: 20, attributes: { approximate: text("tanh") } }),
  contrib("Gelu", "exact, of com.microsoft", { ramp }),
  contrib("FastGelu", "without bias", { x }),
  contrib("FastGelu", "bias", { x, bias }),
  contrib(
    "FastGelu",
    "float16",
    { x: half(x), bias: half(bias) },
    { types: ["float16"], tolerance: halfTolerance },
  ),
  contrib("QuickGelu", "default alpha", { x }),
  contrib("QuickGelu", "alpha 1, which is SiLU", { x }, { attributes: { alpha: float(1) } }),
  contrib("BiasGelu", "bias", { x, bias }),
];

/** ONNX Runtime has these for other devices only: it runs their definition. */
const ofOtherDevices: readonly OpCase[] = [
  contrib("BiasSplitGelu", "halves of rows", { x, bias }, {
    oracle: [
      { op: "Add", inputs: ["x", "bias"], outputs: ["sum"] },
      { op: "Split", inputs: ["sum"], outputs: ["left", "right"], attributes: { axis: int(-1) } },
      { op: "Gelu", domain: "com.microsoft", inputs: ["right"], outputs: ["gate"] },
      { op: "Mul", inputs: ["left", "gate"], outputs: ["y0"] },
    ],
  }),
  contrib("GemmFastGelu", "bias", { x, w: random([8, 5], 1, 3), b: random([5], 1, 5) }, {
    tolerance: 5e-6,
    oracle: [
      { op: "MatMul", inputs: ["x", "w"], outputs: ["product"] },
      { op: "FastGelu", domain: "com.microsoft", inputs: ["product", "b"], outputs: ["y0"] },
    ],
  }),
  contrib("BiasAdd", "bias and skip", { x, bias, skip }, {
    oracle: [
      { op: "Add", inputs: ["x", "bias"], outputs: ["sum"] },
      { op: "Add", inputs: ["sum", "skip"], outputs: ["y0"] },
    ],
  }),
]; // prettier-ignore

const [a, b] = [random([2, 3, 4], 1, 3), random([2, 4, 5], 1, 5)];
const flag = (...names: string[]) => Object.fromEntries(names.map((name) => [name, int(1)]));
const fused = (why: string, A: TensorSpec, B: TensorSpec, attributes: object = {}): OpCase =>
  contrib("FusedMatMul", why, { A, B }, { attributes: { ...attributes } });

const products: readonly OpCase[] = [
  fused("alpha", a, b, { alpha: float(0.5) }),
  fused("both turned", random([2, 4, 3], 1, 3), random([2, 5, 4], 1, 5), flag("transA", "transB")),
  fused("batches of A in the middle", random([3, 2, 4], 1, 3), b, flag("transBatchA")),
  fused(
    "batches of both in the middle, both turned",
    random([4, 2, 3], 1, 3),
    random([5, 2, 4], 1, 5),
    flag("transA", "transB", "transBatchA", "transBatchB"),
  ),
  fused(
    "two batch dimensions, which are behind the rows",
    random([3, 2, 3, 4], 1, 3),
    random([2, 3, 4, 5], 1, 5),
    flag("transBatchA"),
  ),
  contrib(
    "TransposeMatMul",
    "transB",
    { A: a, B: random([2, 5, 4], 1, 5) },
    { attributes: flag("transB") },
  ),
  contrib(
    "FusedGemm",
    "LeakyRelu",
    { A: random([3, 4], 1, 3), B: random([4, 5], 1, 5), C: random([5], 1, 7) },
    {
      attributes: { activation: text("LeakyRelu"), activation_alpha: float(0.3), alpha: float(2) },
    },
  ),
  contrib(
    "FusedMatMulActivation",
    "Relu",
    { A: a, B: b },
    {
      attributes: { activation: text("Relu") },
      oracle: [
        { op: "MatMul", inputs: ["A", "B"], outputs: ["product"] },
        { op: "Relu", inputs: ["product"], outputs: ["y0"] },
      ],
    },
  ),
];

export const transformers: readonly OpCase[] = [
  ...norms,
  ...embeddings,
  ...gelus,
  ...ofOtherDevices,
  ...products,
].map(inFloats);

import { one, inType, halves, i32, random, ramp, typed, type OpCase } from "./make-case.ts";
import { f32 } from "../onnx-writer.ts";

const wild = f32([11], [-100, -2.5, -1, -0.5, -1e-3, 0, 0.3, 1, 2.5, 30, Infinity]);
const doubles = typed("float64", [-100, -2.5, -0.5, 0, 0.3, 2.5, 30]);
const few = halves(-30, -2.5, -0.5, 0, 0.25, 2.5, 30);

const alpha = (value: number) => ({ attributes: { alpha: { float: value } } });

export const activations: readonly OpCase[] = [
  ...["Celu", "Selu", "Elu", "ThresholdedRelu", "LeakyRelu", "HardSigmoid"].map((op) =>
    one(op, "of many sizes, by default", { x: wild }, { tolerance: 2e-6 }),
  ),
  ...["Celu", "Selu", "Elu", "ThresholdedRelu", "LeakyRelu"].map((op) =>
    one(op, "with its alpha", { x: wild }, { ...alpha(1.7), tolerance: 2e-6 }),
  ),
  one("Celu", "with a negative alpha", { x: ramp }, { ...alpha(-0.5), tolerance: 2e-6 }),
  ...["Mish", "HardSwish", "Softplus", "Softsign"].map((op) =>
    one(op, "of many sizes", { x: wild }, { opset: 18, tolerance: 3e-6 }),
  ),
  ...["Selu", "Mish", "Elu", "ThresholdedRelu", "Softplus"].map((op) =>
    one(op, "of float16", { x: few }, { opset: 18, types: ["float16"] }),
  ),
  // Of which every step is a float16: onnxruntime-node rounds each.
  one("HardSwish", "of float16", { x: halves(-4, -1.5, 0, 1.5, 4) }, { types: ["float16"] }),
  inType(one("Celu", "of float16", { x: few }, { types: ["float16"] }), "float32", "float16"),
  one("Selu", "with gamma", { x: wild }, { attributes: { gamma: { float: 2 } } }),
  one(
    "Selu",
    "of opset 1, whose constants are short",
    { x: ramp },
    {
      opset: 1,
      attributes: { consumed_inputs: { ints: [0] } },
      oracleOpset: 17,
      oracle: [
        {
          op: "Selu",
          inputs: ["x"],
          outputs: ["y0"],
          attributes: { alpha: { float: 1.6732 }, gamma: { float: 1.0507 } },
        },
      ],
    },
  ),
  one(
    "HardSigmoid",
    "with its numbers",
    { x: ramp },
    { attributes: { alpha: { float: 0.3 }, beta: { float: 0.4 } } },
  ),
  ...[1, 1.7].map((value) =>
    one(
      "Swish",
      `with alpha ${value}`,
      { x: wild },
      {
        opset: 24,
        ...alpha(value),
        tolerance: 2e-6,
        oracleOpset: 17,
        oracle: [
          {
            op: "Constant",
            inputs: [],
            outputs: ["a"],
            attributes: { value: { tensor: f32([], [value]) } },
          },
          { op: "Mul", inputs: ["x", "a"], outputs: ["scaled"] },
          { op: "Sigmoid", inputs: ["scaled"], outputs: ["gate"] },
          { op: "Mul", inputs: ["x", "gate"], outputs: ["y0"] },
        ],
      },
    ),
  ),
  one("Shrink", "hard", { x: wild }, { attributes: { lambd: { float: 1 } } }),
  one(
    "Shrink",
    "soft",
    { x: wild },
    { attributes: { lambd: { float: 1 }, bias: { float: 0.75 } } },
  ),
  one(
    "Shrink",
    "of int32",
    { x: i32([6], [-9, -2, -1, 0, 1, 7]) },
    { attributes: { lambd: { float: 1.5 }, bias: { float: 1.5 } }, types: ["int32"] },
  ),
  one(
    "Shrink",
    "of uint8",
    { x: typed("uint8", [0, 1, 2, 200]) },
    { attributes: { lambd: { float: 1.5 }, bias: { float: 1 } }, types: ["uint8"] },
  ),
  one("PRelu", "one slope", { x: ramp, s: f32([1], [0.3]) }),
  one("PRelu", "a slope for each channel", {
    x: random([2, 3, 2, 2]),
    s: f32([3, 1, 1], [0.3, -2, 5]),
  }),
  one("PRelu", "slopes of the last dimension", { x: random([2, 3]), s: f32([3], [0.3, -2, 5]) }),
  one(
    "PRelu",
    "slopes of channels in opset 6",
    { x: random([2, 3, 2]), s: f32([3], [0.3, -2, 5]) },
    {
      opset: 6,
      oracleOpset: 17,
      oracle: [
        {
          op: "Constant",
          inputs: [],
          outputs: ["last"],
          attributes: { value_ints: { ints: [-1] } },
        },
        { op: "Unsqueeze", inputs: ["s", "last"], outputs: ["slopes"] },
        { op: "PRelu", inputs: ["x", "slopes"], outputs: ["y0"] },
      ],
    },
  ),
  one(
    "PRelu",
    "of unsigned integers",
    { x: typed("uint32", [0, 5, 4000000000]), s: typed("uint32", [3]) },
    {
      types: ["uint32"],
      oracleOpset: 17,
      oracle: [{ op: "Identity", inputs: ["x"], outputs: ["y0"] }],
    },
  ),
  ...[
    "Elu",
    "LeakyRelu",
    "HardSigmoid",
    "Softplus",
    "Softsign",
    "ThresholdedRelu",
    "Celu",
    "Mish",
    "Selu",
  ].map((op) =>
    inType(
      one(op, "of float64", { x: doubles }, { opset: 18, types: ["float64"] }),
      "float32",
      "float64",
    ),
  ),
  ...["Affine", "ScaledTanh", "ParametricSoftplus"].map((op) =>
    one(
      op,
      "of opset 1",
      { x: ramp },
      { opset: 1, attributes: { alpha: { float: 1.5 }, beta: { float: 0.5 } }, tolerance: 2e-6 },
    ),
  ),
  one(
    "ImageScaler",
    "of opset 1",
    { x: random([2, 3, 2, 2]) },
    { opset: 1, attributes: { scale: { float: 1.5 }, bias: { floats: [1, 2, 3] } } },
  ),
];

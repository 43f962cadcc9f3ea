import { one, bools, i32, int, ramp, positive, type OpCase } from "./make-case.ts";
import { f32, i64 } from "../onnx-writer.ts";

export const unary: readonly OpCase[] = [
  ...["Abs", "Ceil", "Floor", "Neg", "Relu", "Round", "Sign", "Softsign", "Identity"].map((op) =>
    one(op, "float", { a: ramp }),
  ),
  ...["Cos", "Erf", "Exp", "Sigmoid", "Sin", "Softplus", "Tan", "Tanh", "HardSwish"].map((op) =>
    one(op, "float", { a: ramp }, { tolerance: 3e-6 }),
  ),
  ...["Log", "Reciprocal", "Sqrt"].map((op) =>
    one(op, "float", { a: positive }, { tolerance: 2e-6 }),
  ),
  one("Neg", "int32", { a: i32([3], [1, -2, 0]) }, { types: ["int32"] }),
  one("IsNaN", "float", { a: f32([3], [NaN, 1, Infinity]) }, { types: ["bool"] }),
  one("IsInf", "both signs", { a: f32([4], [NaN, 1, Infinity, -Infinity]) }, { types: ["bool"] }),
  one(
    "IsInf",
    "the positive one",
    { a: f32([3], [1, Infinity, -Infinity]) },
    { types: ["bool"], attributes: { detect_negative: int(0) } },
  ),
  one(
    "IsInf",
    "the negative one",
    { a: f32([3], [1, Infinity, -Infinity]) },
    { types: ["bool"], attributes: { detect_positive: int(0) } },
  ),
  one("Elu", "alpha", { a: ramp }, { attributes: { alpha: { float: 0.7 } }, tolerance: 3e-6 }),
  one("LeakyRelu", "by default", { a: ramp }),
  one("HardSigmoid", "by default", { a: ramp }),
  one("Gelu", "exact", { a: ramp }, { opset: 20, tolerance: 3e-6 }),
  one(
    "Gelu",
    "by tanh",
    { a: ramp },
    { opset: 20, attributes: { approximate: { text: "tanh" } }, tolerance: 3e-6 },
  ),
  one(
    "Clip",
    "by constants",
    { a: ramp, low: f32([], [-1]), high: f32([], [2]) },
    { constants: ["low", "high"] },
  ),
  one("Clip", "by computed bounds", { a: ramp, low: f32([], [-1]), high: f32([], [2]) }),
  one(
    "Clip",
    "the upper bound wins",
    { a: ramp, low: f32([], [2]), high: f32([], [-1]) },
    { constants: ["low", "high"] },
  ),
  one("Clip", "from below alone", { a: ramp, low: f32([], [-1]) }, { constants: ["low"] }),
  one(
    "Clip",
    "by attributes",
    { a: ramp },
    { opset: 6, attributes: { min: { float: -1 }, max: { float: 1 } } },
  ),
  one("Cast", "float to int64", { a: ramp }, { attributes: { to: int(7) }, types: ["int64"] }),
  one(
    "Cast",
    "float to bool",
    { a: f32([4], [0, 0.5, -1, NaN]) },
    { attributes: { to: int(9) }, types: ["bool"] },
  ),
  one("Cast", "bool to float", { a: bools([2], [0, 1]) }, { attributes: { to: int(1) } }),
  one(
    "Cast",
    "int64 to int32",
    { a: i64([3], [1, -2, 5000000000n]) },
    { attributes: { to: int(6) }, types: ["int32"] },
  ),
  one(
    "Cast",
    "float to float16 and back",
    { a: ramp },
    { attributes: { to: int(10) }, types: ["float16"] },
  ),
  one("Dropout", "does nothing", { a: ramp }, { types: ["float32", "bool"] }),
];

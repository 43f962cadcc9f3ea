/** Ops between 8-bit tensors with scales and zero points. Results are integers: they have to be equal. */
import { f32, u8, type AttributeSpec, type TensorSpec } from "../onnx-writer.ts";
import { bools, bytes, i32, int, ints, one, random, type OpCase } from "./make-case.ts";

const i8 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({ type: "int8", shape, data }); // prettier-ignore
const scale = (value: number) => f32([], [value]);
const zero = (value: number) => u8([], [value]);
const signedZero = (value: number) => i8([], [value]);

interface Form {
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly type?: "uint8" | "int8" | "float32";
  readonly domain?: string;
  readonly constants?: readonly string[];
  readonly opset?: number;
}

function quantised(
  op: string,
  why: string,
  tensors: Readonly<Record<string, TensorSpec>>,
  { domain = "com.microsoft", type = "uint8", ...form }: Form = {},
): OpCase {
  const opCase = one(op, why, tensors, { ...form, types: [type] });
  const node = { ...opCase.nodes[0]!, ...(domain !== "" && { domain }) };
  return { ...opCase, nodes: [node], ...(domain !== "" && { opsets: { [domain]: 1 } }) };
}

const image = { x: bytes("uint8", [2, 6, 7, 5], 3), sx: scale(0.02), zx: zero(131) };
const result = { sy: scale(0.21), zy: zero(115) };
const weights = ["w", "sw", "zw", "b"];
const filter = { w: bytes("int8", [4, 6, 3, 3], 5), sw: scale(0.01), zw: signedZero(3) };
const perChannel = {
  w: bytes("int8", [4, 6, 3, 3], 5),
  sw: f32([4], [0.01, 0.003, 0.02, 0.007]),
  zw: i8([4], [0, 0, 0, 0]),
};
const same = { pads: ints(1, 1, 1, 1) };

const convolutions: readonly OpCase[] = [
  quantised(
    "QLinearConv",
    "one scale",
    { ...image, ...filter, ...result },
    { domain: "", constants: weights, attributes: same },
  ),
  quantised(
    "QLinearConv",
    "a scale per channel, bias",
    { ...image, ...perChannel, ...result, b: i32([4], [900, -20000, 0, 311]) },
    { domain: "", constants: weights, attributes: { ...same, strides: ints(2, 1) } },
  ),
  quantised(
    "QLinearConv",
    "depthwise, signed",
    {
      x: bytes("int8", [1, 4, 6, 6], 9),
      sx: scale(0.03),
      zx: signedZero(-7),
      w: bytes("int8", [4, 1, 3, 3], 5),
      sw: f32([4], [0.01, 0.003, 0.02, 0.007]),
      zw: i8([4], [0, 0, 0, 0]),
      sy: scale(0.1),
      zy: signedZero(5),
    },
    { domain: "", constants: weights, type: "int8", attributes: { group: int(4) } },
  ),
  quantised(
    "QLinearConv",
    "many channels, one dimension",
    {
      x: bytes("uint8", [1, 300, 9], 3),
      sx: scale(0.02),
      zx: zero(128),
      w: bytes("uint8", [3, 300, 3], 8),
      sw: scale(0.01),
      zw: zero(119),
      sy: scale(2.5),
      zy: zero(120),
    },
    { domain: "", constants: weights },
  ),
];

const matrix = { a: bytes("uint8", [2, 5, 24], 3), sa: scale(0.02), za: zero(131) };

const products: readonly OpCase[] = [
  quantised(
    "QLinearMatMul",
    "one scale",
    { ...matrix, b: bytes("uint8", [24, 7], 5), sb: scale(0.03), zb: zero(7), ...result },
    { domain: "", constants: ["b", "sb", "zb"] },
  ),
  quantised(
    "QLinearMatMul",
    "a scale per column, signed",
    {
      a: bytes("int8", [5, 24], 3),
      sa: scale(0.02),
      za: signedZero(3),
      b: bytes("int8", [24, 3], 5),
      sb: f32([3], [0.03, 0.001, 0.02]),
      zb: i8([3], [0, 0, 0]),
      sy: scale(0.21),
      zy: signedZero(-4),
    },
    { domain: "", constants: ["b", "sb", "zb"], type: "int8" },
  ),
  quantised(
    "QLinearMatMul",
    "both fed",
    { ...matrix, b: bytes("uint8", [2, 24, 7], 5), sb: scale(0.03), zb: zero(7), ...result },
    { domain: "" },
  ),
  quantised(
    "QGemm",
    "a bias, a scale per column",
    {
      a: bytes("uint8", [5, 24], 3),
      sa: scale(0.02),
      za: zero(131),
      b: bytes("int8", [3, 24], 5),
      sb: f32([3], [0.03, 0.001, 0.02]),
      zb: i8([3], [0, 0, 0]),
      c: i32([3], [100, -4000, 7]),
      ...result,
    },
    { constants: ["b", "sb", "zb", "c"], attributes: { transB: int(1), alpha: { float: 1 } } },
  ),
];

/** Without bias and a scale of y: its result is float. */
const floatGemm = quantised(
  "QGemm",
  "a float result",
  {
    a: bytes("uint8", [24, 5], 3),
    sa: scale(0.02),
    za: zero(131),
    b: bytes("uint8", [24, 3], 5),
    sb: scale(0.01),
    zb: zero(100),
  },
  { type: "float32", attributes: { transA: int(1), alpha: { float: 0.5 } } },
);

const a = { a: bytes("uint8", [3, 1, 8], 3), sa: scale(0.02), za: zero(131) };
const b = { b: bytes("uint8", [4, 8], 9), sb: scale(0.05), zb: zero(90) };

/** No sum of these is half-way between two results: there onnxruntime's own roundings decide. */
const elementwise: readonly OpCase[] = [
  quantised("QLinearAdd", "broadcasts", { ...a, ...b, sy: scale(0.0613), zy: zero(100) }),
  quantised("QLinearMul", "broadcasts", { ...a, ...b, sy: scale(0.11), zy: zero(100) }),
  quantised("QLinearSigmoid", "", { ...a, sy: scale(1 / 256), zy: zero(0) }),
  quantised(
    "QLinearLeakyRelu",
    "signed",
    {
      x: bytes("int8", [40], 3),
      sx: scale(0.02),
      zx: signedZero(5),
      sy: scale(0.019),
      zy: signedZero(-9),
    },
    { type: "int8", attributes: { alpha: { float: 0.2 } } },
  ),
  quantised("QLinearWhere", "broadcasts", {
    c: bools([3, 1, 1], [1, 0, 1]),
    ...a,
    ...b,
    sy: scale(0.04),
    zy: zero(100),
  }),
];

const others: readonly OpCase[] = [
  quantised(
    "QLinearConcat",
    "parts with scales of their own",
    { ...result, ...a, b: bytes("uint8", [3, 2, 8], 9), sb: scale(0.05), zb: zero(90) },
    { attributes: { axis: int(1) }, constants: ["sy", "zy", "sa", "za", "sb", "zb"] },
  ),
  quantised("QLinearGlobalAveragePool", "channels first", {
    ...image,
    sy: scale(0.01),
    zy: zero(120),
  }),
  quantised(
    "QLinearGlobalAveragePool",
    "channels last",
    { ...image, sy: scale(0.01), zy: zero(120) },
    { attributes: { channels_last: int(1) } },
  ),
  quantised(
    "QLinearSoftmax",
    "the last axis",
    { ...a, sy: scale(1 / 256), zy: zero(0) },
    { attributes: { axis: int(-1), opset: int(13) }, constants: ["sa", "za", "sy", "zy"] },
  ),
  quantised(
    "QLinearSoftmax",
    "before opset 13",
    { ...a, sy: scale(1 / 256), zy: zero(0) },
    { attributes: { axis: int(1), opset: int(12) }, constants: ["sa", "za", "sy", "zy"] },
  ),
];

const i16 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({ type: "int16", shape, data }); // prettier-ignore
const u16 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({ type: "uint16", shape, data }); // prettier-ignore
const floats = random([3, 4], 40, 7);
const perColumn = f32([4], [0.001, 0.01, 0.5, 0.02]);
const blocks = f32([3, 2], [0.001, 0.01, 0.5, 0.02, 0.3, 0.004]);

/** Codes of 16 bits, which WebNN does not have. */
const wide: readonly OpCase[] = [
  one(
    "QuantizeLinear",
    "int16, one scale",
    { x: floats, s: scale(0.001), z: i16([], [-300]) },
    { opset: 21, types: ["int16"] },
  ),
  one(
    "QuantizeLinear",
    "uint16, a scale per column",
    { x: floats, s: perColumn, z: u16([4], [0, 9, 40000, 65535]) },
    { opset: 21, types: ["uint16"], attributes: { axis: int(-1) } },
  ),
  one(
    "QuantizeLinear",
    "uint16 by its attribute",
    { x: floats, s: scale(0.01) },
    { opset: 21, types: ["uint16"], attributes: { output_dtype: int(4) } },
  ),
  one(
    "DequantizeLinear",
    "int16, one scale",
    { x: i16([2, 3], [-32768, 32767, 0, 1, -1, 500]), s: scale(0.001), z: i16([], [12]) },
    { opset: 21 },
  ),
  one(
    "DequantizeLinear",
    "uint16, blocks",
    {
      x: u16([3, 4], [0, 65535, 7, 8, 9, 100, 2000, 30000, 40000, 1, 2, 3]),
      s: blocks,
      z: u16([3, 2], [1, 2, 3, 4, 5, 6]),
    },
    { opset: 21, attributes: { axis: int(1), block_size: int(2) } },
  ),
];

const left = { a: bytes("uint8", [2, 5, 24], 3), b: bytes("uint8", [24, 3], 5) };
const microsoft = (
  op: string,
  why: string,
  tensors: Readonly<Record<string, TensorSpec>>,
  type: "float32" | "uint16" | "uint8",
  constants: readonly string[] = [],
  attributes: Readonly<Record<string, AttributeSpec>> = {},
): OpCase => ({
  ...quantised(op, why, tensors, { constants, attributes, type: type as "uint8" }),
  tolerance: 3e-6,
});

/** Of ONNX Runtime's own domain. */
const own: readonly OpCase[] = [
  quantised(
    "QLinearAveragePool",
    "padding does not count",
    { ...image, sy: scale(0.013), zy: zero(120) },
    {
      attributes: { kernel_shape: ints(3, 2), pads: ints(1, 0, 1, 1), strides: ints(2, 1) },
      constants: ["sx", "zx", "sy", "zy"],
    },
  ),
  quantised(
    "QLinearAveragePool",
    "padding counts",
    { ...image, sy: scale(0.013), zy: zero(120) },
    {
      attributes: { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), count_include_pad: int(1) },
      constants: ["sx", "zx", "sy", "zy"],
    },
  ),
  microsoft(
    "MatMulIntegerToFloat",
    "one scale, zero points, a bias",
    {
      ...left,
      sa: scale(0.02),
      sb: scale(0.01),
      za: zero(131),
      zb: zero(100),
      c: random([3], 1, 3),
    },
    "float32",
    ["b", "sb", "zb"],
  ),
  microsoft(
    "MatMulIntegerToFloat",
    "a scale per column",
    { ...left, sa: scale(0.02), sb: f32([3], [0.01, 0.2, 0.003]) },
    "float32",
    ["b", "sb"],
  ),
  microsoft(
    "DynamicQuantizeMatMul",
    "a scale per column, a bias",
    {
      x: random([2, 5, 24], 3, 5),
      b: bytes("int8", [24, 3], 5),
      sb: f32([3], [0.01, 0.2, 0.003]),
      zb: i8([3], [0, 0, 0]),
      c: random([3], 1, 3),
    },
    "float32",
    ["b", "sb", "zb"],
  ),
  microsoft(
    "QuantizeLinear",
    "of its domain, uint16",
    { x: floats, s: scale(0.01), z: u16([], [30000]) },
    "uint16",
  ),
  microsoft(
    "DequantizeLinear",
    "of its domain, int16",
    { x: i16([2, 2], [-32768, 32767, 3, 4]), s: scale(0.01), z: i16([], [30]) },
    "float32",
  ),
  microsoft(
    "QuantizeLinear",
    "of its domain, an axis",
    { x: floats, s: perColumn, z: u8([4], [1, 2, 3, 255]) },
    "uint8",
    [],
    { axis: int(1) },
  ),
];

export const qlinear: readonly OpCase[] = [
  ...convolutions, ...products, floatGemm, ...elementwise, ...others, ...wide, ...own,
]; // prettier-ignore

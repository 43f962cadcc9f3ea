import { one, chain, random, bytes, i32, int, ints, node, type OpCase } from "./make-case.ts";
import { f32, i64, u8 } from "../onnx-writer.ts";

const scales = { sa: f32([], [0.02]), za: u8([], [120]), sb: f32([], [0.01]), zb: u8([], [131]) };

export const quantized: readonly OpCase[] = [
  one(
    "DynamicQuantizeLinear",
    "of both signs",
    { a: random([4, 16], 3) },
    { opset: 11, types: ["uint8", "float32", "uint8"] },
  ),
  one(
    "DynamicQuantizeLinear",
    "above zero",
    { a: f32([3], [1, 2, 3]) },
    { opset: 11, types: ["uint8", "float32", "uint8"] },
  ),
  one(
    "DynamicQuantizeLinear",
    "below zero",
    { a: f32([3], [-1, -2, -3]) },
    { opset: 11, types: ["uint8", "float32", "uint8"] },
  ),
  one(
    "DynamicQuantizeLinear",
    "of zeros",
    { a: f32([3], [0, 0, 0]) },
    { opset: 11, types: ["uint8", "float32", "uint8"] },
  ),
  one(
    "QuantizeLinear",
    "per tensor",
    { a: random([3, 4]), s: scales.sa, z: scales.za },
    { types: ["uint8"] },
  ),
  one(
    "QuantizeLinear",
    "per axis, int8",
    {
      a: random([3, 4]),
      s: f32([3], [0.1, 0.02, 0.5]),
      z: { type: "int8", shape: [3], data: [0, -3, 5] },
    },
    { types: ["int8"], attributes: { axis: int(0) } },
  ),
  one(
    "QuantizeLinear",
    "without a zero point",
    { a: random([3, 4]), s: scales.sa },
    { types: ["uint8"] },
  ),
  one("DequantizeLinear", "per tensor", { a: bytes("uint8", [2, 5]), s: scales.sa, z: scales.za }),
  one("DequantizeLinear", "per axis", {
    a: bytes("int8", [2, 3, 2]),
    s: f32([3], [0.1, 0.02, 0.5]),
    z: { type: "int8", shape: [3], data: [0, -3, 5] },
  }),
  one("DequantizeLinear", "int32 without a zero point", {
    a: i32([3], [1000, -70000, 5]),
    s: f32([], [0.001]),
  }),
  one(
    "MatMulInteger",
    "exact beyond float32",
    {
      a: u8([2, 600], new Array(1200).fill(255)),
      b: u8(
        [600, 2],
        new Array(1200).fill(0).map((_, i) => 255 - (i % 2)),
      ),
    },
    { types: ["int32"], constants: ["b"] },
  ),
  one(
    "MatMulInteger",
    "with zero points",
    {
      a: bytes("uint8", [3, 40]),
      b: bytes("int8", [40, 5], 7),
      za: u8([], [17]),
      zb: { type: "int8", shape: [], data: [-4] },
    },
    { types: ["int32"], constants: ["b", "za", "zb"] },
  ),
  one(
    "MatMulInteger",
    "with a zero point per column",
    {
      a: bytes("uint8", [2, 3, 40]),
      b: bytes("uint8", [40, 3], 7),
      za: u8([], [17]),
      zb: u8([3], [1, 130, 255]),
    },
    { types: ["int32"], constants: ["b", "zb"] },
  ),
  one(
    "ConvInteger",
    "with padding and zero points",
    {
      x: bytes("uint8", [1, 3, 6, 5]),
      w: bytes("uint8", [4, 3, 3, 3], 9),
      zx: u8([], [100]),
      zw: u8([], [130]),
    },
    { types: ["int32"], constants: ["w", "zx", "zw"], attributes: { pads: ints(1, 1, 1, 1) } },
  ),
  one(
    "ConvInteger",
    "exact beyond float32",
    {
      x: u8([1, 60, 4], new Array(240).fill(255)),
      w: u8(
        [1, 60, 3],
        new Array(180).fill(0).map((_, i) => 255 - (i % 2)),
      ),
    },
    { types: ["int32"], constants: ["w"], attributes: { pads: ints(1, 1) } },
  ),
  chain(
    "quantized: a product as exporters write it",
    [
      { op: "DynamicQuantizeLinear", name: "dql", inputs: ["x"], outputs: ["q", "sa", "za"] },
      node("MatMulInteger", ["q", "w", "za", "zw"], "p"),
      node("Cast", ["p"], "f", { to: int(1) }),
      node("Mul", ["sa", "sw"], "s"),
      node("Mul", ["f", "s"], "m"),
      node("Add", ["m", "b"], "y"),
    ],
    {
      x: random([2, 7, 24], 3),
      w: bytes("uint8", [24, 10]),
      zw: scales.zb,
      sw: scales.sb,
      b: random([10], 1, 3),
    },
    { y: "float32" },
    { opset: 11, constants: ["w", "zw", "sw", "b"], tolerance: 3e-6 },
  ),
  chain(
    "quantized: a product with a scale per column, read as integers too",
    [
      { op: "DynamicQuantizeLinear", name: "dql", inputs: ["x"], outputs: ["q", "sa", "za"] },
      node("MatMulInteger", ["q", "w", "za"], "p"),
      node("Cast", ["p"], "f", { to: int(1) }),
      node("Mul", ["sw", "sa"], "s"),
      node("Mul", ["s", "f"], "y"),
    ],
    { x: random([7, 24], 3), w: bytes("int8", [24, 3]), sw: f32([3], [0.01, 0.2, 0.03]) },
    { y: "float32", p: "int32" },
    { opset: 11, constants: ["w", "sw"], tolerance: 3e-6 },
  ),
  chain(
    "quantized: a convolution as exporters write it",
    [
      { op: "DynamicQuantizeLinear", name: "dql", inputs: ["x"], outputs: ["q", "sa", "za"] },
      node("ConvInteger", ["q", "w", "za", "zw"], "p", { pads: ints(1, 1), strides: ints(2) }),
      node("Cast", ["p"], "f", { to: int(1) }),
      node("Mul", ["sa", "sw"], "s"),
      node("Mul", ["f", "s"], "m"),
      node("Add", ["m", "b"], "y"),
    ],
    {
      x: random([2, 5, 9], 3),
      w: bytes("uint8", [4, 5, 3]),
      zw: scales.zb,
      sw: scales.sb,
      b: random([1, 4, 1], 1, 3),
    },
    { y: "float32" },
    { opset: 11, constants: ["w", "zw", "sw", "b"], tolerance: 3e-6 },
  ),
  chain(
    "quantized: one table for gather and for the transposed product",
    [
      node("Gather", ["table", "ids"], "rows", { axis: int(0) }),
      node("DequantizeLinear", ["rows", "st", "zt"], "x"),
      node("Transpose", ["table"], "turned", { perm: ints(1, 0) }),
      node("DequantizeLinear", ["turned", "st", "zt"], "w"),
      node("MatMul", ["x", "w"], "y"),
    ],
    { ids: i64([1, 2], [3, 0]), table: bytes("uint8", [5, 6]), st: scales.sb, zt: scales.zb },
    { y: "float32" },
    { opset: 11, constants: ["table", "st", "zt"], tolerance: 3e-6 },
  ),
];

import { chain, int, ints, node, one, typed, type OpCase } from "./make-case.ts";
import { f32, i64 } from "../onnx-writer.ts";

const all = [
  "ReduceL1",
  "ReduceL2",
  "ReduceLogSum",
  "ReduceLogSumExp",
  "ReduceMax",
  "ReduceMean",
  "ReduceMin",
  "ReduceProd",
  "ReduceSum",
  "ReduceSumSquare",
];
const a223 = f32([2, 2, 3], [0.5, 1, 2, 3, 0.25, 4, 7, 0.125, 1, 1, 2, 5]);
const wide = [3, 1, 4, 1, 5, 9];
const tolerance = 3e-6;

/** Reductions of every type and opset, and what they make of no axes and of no elements. */
export const axes: readonly OpCase[] = [
  ...all.map((op) => ({
    ...chain(
      `${op}: of bfloat16, between casts`,
      [
        node("Cast", ["a"], "small", { to: int(16) }),
        node(op, ["small", "axes"], "reduced"),
        node("Cast", ["reduced"], "y", { to: int(1) }),
      ],
      { a: a223, axes: i64([1], [-1]) },
      { y: "float32" },
      { opset: 18, constants: ["axes"] },
    ),
    // onnxruntime-node reduces no bfloat16; what it has in float32 rounds to one.
    oracle: [
      node(op, ["a", "axes"], "reduced"),
      node("Cast", ["reduced"], "small", { to: int(16) }),
      node("Cast", ["small"], "y", { to: int(1) }),
    ],
  })),
  ...all.flatMap((op) => [
    one(op, "over all axes of opset 1", { a: a223 }, { opset: 1, tolerance }),
    one(
      op,
      "without the axis",
      { a: a223 },
      { opset: 11, attributes: { axes: ints(-2), keepdims: int(0) }, tolerance },
    ),
    one(
      op,
      "over two axes as an input",
      { a: a223, axes: i64([2], [0, 2]) },
      { opset: 18, constants: ["axes"], tolerance },
    ),
    one(
      op,
      "over axes that are fed",
      { a: a223, axes: i64([1], [-1]) },
      { opset: 18, attributes: { keepdims: int(0) }, tolerance },
    ),
    one(
      op,
      "over fed axes that are none",
      { a: a223, axes: i64([0], []) },
      { opset: 18, tolerance },
    ),
    one(
      op,
      "of float64",
      { a: typed("float64", wide, [2, 3]), axes: i64([1], [1]) },
      {
        opset: 18,
        types: ["float64"],
        constants: ["axes"],
        tolerance,
      },
    ),
    one(
      op,
      "of float16",
      { a: typed("float16", [0x3c00, 0x4000, 0x4400]) },
      { opset: 18, types: ["float16"] },
    ),
    one(
      op,
      "of int32",
      { a: typed("int32", wide, [2, 3]), axes: i64([1], [1]) },
      {
        opset: 18,
        types: ["int32"],
        constants: ["axes"],
      },
    ),
  ]),
  // The rest of what a composite reduction does is done without axes too.
  ...[
    "ReduceSum",
    "ReduceMax",
    "ReduceMean",
    "ReduceProd",
    "ReduceSumSquare",
    "ReduceLogSum",
    "ReduceL1",
  ].map((op) =>
    one(
      op,
      "of each element",
      { a: f32([3], [-1, 0.5, 3]) },
      {
        opset: 18,
        attributes: { noop_with_empty_axes: int(1) },
        tolerance,
      },
    ),
  ),
  ...[
    "ReduceSum",
    "ReduceProd",
    "ReduceMax",
    "ReduceMin",
    "ReduceL1",
    "ReduceL2",
    "ReduceSumSquare",
    "ReduceLogSum",
    "ReduceLogSumExp",
  ].map((op) =>
    one(
      op,
      "of no elements",
      { a: f32([2, 0, 2], []), axes: i64([1], [1]) },
      { opset: 20, constants: ["axes"] },
    ),
  ),
  ...["ReduceMax", "ReduceMin"].flatMap((op) => [
    ...(["int8", "uint8", "int64"] as const).map((type) =>
      one(op, `of ${type}`, { a: typed(type, [3, 100, 4]) }, { opset: 18, types: [type] }),
    ),
    ...(["int8", "uint8", "int64", "int32"] as const).map((type) =>
      one(
        op,
        `of no ${type}`,
        { a: typed(type, [], [2, 0]), axes: i64([1], [1]) },
        { opset: 20, types: [type], constants: ["axes"] },
      ),
    ),
    one(
      op,
      "of bool",
      { a: typed("bool", [1, 0, 1, 1], [2, 2]), axes: i64([1], [1]) },
      { opset: 20, types: ["bool"], constants: ["axes"] },
    ),
  ]),
  ...(["int64"] as const).flatMap((type) =>
    ["ReduceSum", "ReduceProd", "ReduceMean"].map((op) =>
      one(op, `of ${type}`, { a: typed(type, [3, -8, 4, 4]) }, { opset: 18, types: [type] }),
    ),
  ),
  one("ReduceSum", "of a scalar", { a: f32([], [3]) }, { attributes: { keepdims: int(0) } }),
  one(
    "ReduceSum",
    "to nothing",
    { a: f32([0, 2], []), axes: i64([1], [1]) },
    { constants: ["axes"] },
  ),
  one(
    "ReduceL2",
    "of large int64, exactly",
    {
      a: typed(
        "int64",
        [3000000000, 4000000000].map((x) => x / 10),
      ),
    },
    {
      opset: 18,
      types: ["int64"],
    },
  ),
  one(
    "ReduceLogSumExp",
    "of numbers whose powers overflow",
    { a: f32([3], [1000, 999, -1000]) },
    { tolerance },
  ),
];

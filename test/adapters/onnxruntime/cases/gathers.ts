import {
  node,
  one,
  random,
  counting,
  f64,
  i16,
  i32,
  int,
  text,
  a23,
  type OpCase,
} from "./make-case.ts";
import { f32, i64, u8 } from "../onnx-writer.ts";

export const gathers: readonly OpCase[] = [
  one(
    "Gather",
    "of float64, along the last axis",
    { a: f64([2, 3], counting(6)), i: i64([2], [-1, 0]) },
    { attributes: { axis: int(-1) }, types: ["float64"] },
  ),
  one(
    "Gather",
    "of int16",
    { a: i16([3, 2], counting(6)), i: i64([2, 2], [2, 0, -3, 1]) },
    { types: ["int16"] },
  ),
  one(
    "Gather",
    "of bool",
    { a: { type: "bool", shape: [3], data: [1, 0, 1] }, i: i64([2], [1, 2]) },
    { types: ["bool"] },
  ),
  one("Gather", "by no index", { a: a23, i: i64([0], []) }, { constants: ["i"] }),
  one(
    "Gather",
    "of opset 1",
    { a: a23, i: i32([2], [1, 0]) },
    { opset: 1, attributes: { axis: int(1) } },
  ),

  one(
    "GatherElements",
    "along axis 1",
    { a: random([2, 3, 2]), i: i64([2, 2, 2], [0, 1, 2, -1, -3, 0, 1, 1]) },
    { attributes: { axis: int(1) } },
  ),
  one(
    "GatherElements",
    "with fewer indices in other dimensions",
    { a: random([3, 4, 2]), i: i32([2, 3, 1], [0, 1, 2, -1, 0, 1]) },
    { attributes: { axis: int(-3) } },
  ),
  one(
    "GatherElements",
    "of float64",
    { a: f64([2, 3], counting(6)), i: i64([1, 3], [1, 0, -1]) },
    { types: ["float64"] },
  ),
  one(
    "GatherElements",
    "of uint8",
    { a: u8([3], [7, 8, 9]), i: i64([2], [2, 0]) },
    { types: ["uint8"] },
  ),
  one("GatherElements", "by no index", { a: a23, i: i64([0, 3], []) }, { constants: ["i"] }),

  one("GatherND", "of rows", { a: random([3, 2, 2]), i: i64([2, 1], [2, -3]) }),
  one("GatherND", "of elements", {
    a: random([3, 2]),
    i: i64([2, 2, 2], [0, 1, 2, -1, 1, 0, -3, -2]),
  }),
  one("GatherND", "of one element", { a: random([3, 2]), i: i64([2], [1, 1]) }),
  one("GatherND", "of opset 11", { a: random([3, 2]), i: i64([1, 1], [1]) }, { opset: 11 }),
  one(
    "GatherND",
    "in a batch",
    { a: random([2, 3, 2]), i: i64([2, 2, 1], [0, 2, -1, 1]) },
    { attributes: { batch_dims: int(1) } },
  ),
  one(
    "GatherND",
    "in a batch of two dimensions",
    { a: random([2, 2, 3, 4]), i: i64([2, 2, 2], [0, 3, 2, -1, 1, 1, -3, 0]) },
    { attributes: { batch_dims: int(2) } },
  ),
  one(
    "GatherND",
    "of float64 in a batch",
    { a: f64([2, 3, 2], counting(12)), i: i64([2, 1, 2], [2, 1, 0, -1]) },
    { attributes: { batch_dims: int(1) }, types: ["float64"] },
  ),

  one(
    "Scatter",
    "of rows",
    { a: random([3, 3]), i: i64([2, 3], [1, 0, 2, 0, 2, 1]), u: random([2, 3], 2, 9) },
    { opset: 9 },
  ),
  one(
    "ScatterElements",
    "along axis 1",
    { a: random([2, 4]), i: i64([2, 2], [1, -1, 0, 2]), u: random([2, 2], 2, 9) },
    { attributes: { axis: int(1) } },
  ),
  one(
    "ScatterElements",
    "into a part of the other dimensions",
    { a: random([4, 3, 3]), i: i64([2, 2, 1], [1, 2, -1, 0]), u: random([2, 2, 1], 2, 9) },
    { attributes: { axis: int(0) } },
  ),
  ...(["add", "mul", "max", "min"] as const).flatMap((reduction) => [
    one(
      "ScatterElements",
      `${reduction}, more than one to a place`,
      {
        a: random([2, 4]),
        i: i64([2, 5], [1, 1, 3, -1, 1, 0, 0, -4, 2, 2]),
        u: random([2, 5], 2, 9),
      },
      { opset: 18, attributes: { axis: int(1), reduction: text(reduction) } },
    ),
    one(
      "ScatterElements",
      `${reduction} of int32 into a part`,
      {
        a: i32([3, 2], [1, 2, 3, 4, 5, 6]),
        i: i32([3, 1], [1, 1, -2]),
        u: i32([3, 1], [-2, 7, 3]),
      },
      { opset: 18, attributes: { reduction: text(reduction) }, types: ["int32"] },
    ),
    one(
      "ScatterElements",
      `${reduction} of float64`,
      { a: f64([4], [1, 2, 3, 4]), i: i64([3], [1, 1, -1]), u: f64([3], [-2, 7, 3]) },
      { opset: 18, attributes: { reduction: text(reduction) }, types: ["float64"] },
    ),
    one(
      "ScatterElements",
      `${reduction} of uint8`,
      { a: u8([4], [1, 2, 3, 4]), i: i64([3], [1, 1, -1]), u: u8([3], [2, 7, 3]) },
      { opset: 18, attributes: { reduction: text(reduction) }, types: ["uint8"] },
    ),
    one(
      "ScatterND",
      `${reduction} of rows, more than one to a place`,
      { a: random([3, 2, 2]), i: i64([4, 1], [2, 0, -1, 2]), u: random([4, 2, 2], 2, 9) },
      { opset: 18, attributes: { reduction: text(reduction) } },
    ),
    one(
      "ScatterND",
      `${reduction} of elements`,
      { a: random([3, 2]), i: i64([2, 2, 2], [0, 1, 0, 1, 2, 0, -1, -2]), u: random([2, 2], 2, 9) },
      { opset: 18, attributes: { reduction: text(reduction) } },
    ),
    one(
      "ScatterND",
      `${reduction} of int64`,
      { a: i64([4], [1, 2, 3, 4]), i: i64([3, 1], [1, 1, -1]), u: i64([3], [-2, 7, 3]) },
      { opset: 18, attributes: { reduction: text(reduction) }, types: ["int64"] },
    ),
    one(
      "ScatterND",
      `${reduction} of more than a device joins`,
      {
        a: random([2100]),
        i: i64(
          [2100, 1],
          Array.from({ length: 2100 }, (_, i) => (i * i) % 2100),
        ),
        u: random([2100], 2, 9),
      },
      { opset: 18, attributes: { reduction: text(reduction) }, tolerance: 1e-5 },
    ),
  ]),
  one(
    "ScatterElements",
    "of float64",
    { a: f64([3, 2], counting(6)), i: i64([1, 2], [2, -3]), u: f64([1, 2], [10, 20]) },
    { types: ["float64"] },
  ),
  one(
    "ScatterElements",
    "of nothing",
    { a: a23, i: i64([0, 3], []), u: f32([0, 3], []) },
    { constants: ["i", "u"] },
  ),
  one("ScatterND", "of rows", {
    a: random([4, 2]),
    i: i64([2, 1], [1, -1]),
    u: random([2, 2], 2, 9),
  }),
  one(
    "ScatterND",
    "of elements of opset 11",
    { a: random([4]), i: i64([2, 1], [1, 3]), u: f32([2], [8, 9]) },
    { opset: 11 },
  ),
  one(
    "ScatterND",
    "of int16",
    { a: i16([4], [1, 2, 3, 4]), i: i64([2, 1], [1, 3]), u: i16([2], [8, 9]) },
    { types: ["int16"] },
  ),

  ...(["linear", "circular"] as const).flatMap((mode) => [
    one(
      "TensorScatter",
      `${mode}, each entry of the batch elsewhere`,
      {
        a: random([2, 2, 4, 3]),
        u: random([2, 2, 2, 3], 2, 9),
        i: i64([2], mode === "linear" ? [2, 0] : [3, 5]),
      },
      { opset: 24, attributes: { mode: text(mode) } },
    ),
    one(
      "TensorScatter",
      `${mode}, of float64`,
      {
        a: f64([2, 2, 4, 1], counting(16)),
        u: f64([2, 2, 2, 1], counting(8)),
        i: i64([2], mode === "linear" ? [2, 0] : [3, 5]),
      },
      { opset: 24, attributes: { mode: text(mode) }, types: ["float64"] },
    ),
    one(
      "TensorScatter",
      `${mode} along axis 1`,
      { a: random([1, 4, 3]), u: random([1, 2, 3], 2, 9), i: i64([1], [1]) },
      { opset: 24, attributes: { mode: text(mode), axis: int(1) } },
    ),
  ]),
  one(
    "TensorScatter",
    "at the beginning",
    { a: random([2, 4, 3]), u: random([2, 1, 3], 2, 9) },
    { opset: 24 },
  ),

  one(
    "OneHot",
    "by default",
    { i: i64([2, 2], [0, 2, -1, 7]), d: i64([], [3]), v: f32([2], [-1, 5]) },
    { constants: ["d"] },
  ),
  one(
    "OneHot",
    "along axis 0 of a fed depth",
    { i: i32([3], [-4, -3, 1]), d: i32([1], [3]), v: f32([2], [0, 1]) },
    { attributes: { axis: int(0) } },
  ),
  one(
    "OneHot",
    "along axis -2, of floats",
    { i: f32([2, 2], [0, 1, -2, 3]), d: f32([1], [4]), v: f32([2], [3, 4]) },
    { attributes: { axis: int(-2) } },
  ),
  one(
    "OneHot",
    "of opset 9",
    { i: i64([2], [1, 0]), d: i64([], [2]), v: f32([2], [0, 1]) },
    { opset: 9 },
  ),
  one(
    "OneHot",
    "of a float depth and int32 values",
    { i: i64([2], [1, 0]), d: f32([], [2]), v: i32([2], [0, 1]) },
    { types: ["int32"] },
  ),

  one(
    "OneHot",
    "of a uint8 depth and indices",
    { i: u8([3], [1, 0, 7]), d: u8([], [2]), v: f32([2], [0, 1]) },
    {
      oracle: [
        node("Cast", ["i"], "i64", { to: int(7) }),
        node("Cast", ["d"], "d64", { to: int(7) }),
        node("OneHot", ["i64", "d64", "v"], "y0"),
      ],
    },
  ),

  ...[-3, -1, 0, 1, 4, 100].flatMap((k) =>
    [0, 1].map((upper) =>
      one(
        "Trilu",
        `${upper ? "upper" : "lower"} at ${k}`,
        { a: random([2, 3, 4]), k: i64([], [k]) },
        { attributes: { upper: int(upper) }, constants: k === 1 ? [] : ["k"] },
      ),
    ),
  ),
  one("Trilu", "by default", { a: random([3, 3]) }),
  one("Trilu", "of int64", { a: i64([3, 3], counting(9)) }, { types: ["int64"] }),
  one(
    "Trilu",
    "of bool",
    { a: { type: "bool", shape: [2, 2], data: [1, 1, 1, 1] } },
    { types: ["bool"] },
  ),
  one(
    "Trilu",
    "of float64",
    { a: f64([2, 3, 3], counting(18)), k: i64([], [-1]) },
    { types: ["float64"], attributes: { upper: int(0) } },
  ),

  one(
    "ReverseSequence",
    "time first",
    { a: random([4, 3, 2]), l: i64([3], [4, 1, 2]) },
    { attributes: { time_axis: int(0), batch_axis: int(1) } },
  ),
  one(
    "ReverseSequence",
    "batch first",
    { a: random([3, 4]), l: i64([3], [3, 0, 4]) },
    { attributes: { time_axis: int(1), batch_axis: int(0) } },
  ),
  one("ReverseSequence", "by default", { a: random([3, 2]), l: i64([2], [3, 2]) }),
  one(
    "ReverseSequence",
    "of float64",
    { a: f64([3, 2], counting(6)), l: i64([2], [3, 2]) },
    { types: ["float64"] },
  ),

  ...[0, 1].flatMap((exclusive) =>
    [0, 1].flatMap((reverse) => {
      const attributes = { exclusive: int(exclusive), reverse: int(reverse) };
      const why = `${exclusive ? "exclusive" : "whole"}${reverse ? ", from the end" : ""}`;
      return [
        one("CumSum", why, { a: random([2, 3, 2]), x: i64([], [1]) }, { attributes }),
        one(
          "CumSum",
          `${why}, of int32`,
          { a: i32([4], [1, -2, 3, 4]), x: i32([], [-1]) },
          { attributes, constants: ["x"], types: ["int32"] },
        ),
        one(
          "CumSum",
          `${why}, of int64`,
          { a: i64([2, 2], [1, -2, 3, 4]), x: i64([1], [0]) },
          { attributes, types: ["int64"] },
        ),
        one(
          "CumSum",
          `${why}, of float64`,
          { a: f64([2, 2], [1, -2, 3, 4]), x: i64([], [1]) },
          { attributes, types: ["float64"] },
        ),
        one("CumProd", why, { a: random([2, 5, 2]), x: i64([], [1]) }, { attributes, opset: 26 }),
        one(
          "CumProd",
          `${why}, of int64`,
          { a: i64([4], [1, -2, 3, 4]), x: i64([], [-1]) },
          { attributes, opset: 26, types: ["int64"] },
        ),
        one(
          "CumProd",
          `${why}, of float64`,
          { a: f64([2, 2], [1, -2, 3, 4]), x: i64([], [1]) },
          { attributes, opset: 26, types: ["float64"] },
        ),
      ];
    }),
  ),
  one("CumSum", "of opset 11", { a: random([3]), x: i64([], [0]) }, { opset: 11 }),
];

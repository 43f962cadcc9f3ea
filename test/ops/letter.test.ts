/** Corners that the standard's steps allow: no axes, no dimensions, diagonals beyond the matrix, windows beyond the image. */
import { cases, f16, f32, i32, input } from "./cases.ts";

const reductions = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Product", "Sum", "SumSquare"]; // prettier-ignore

for (const name of reductions) {
  cases(`reduce${name}`, [
    { why: "of no axes", input: f32([2, 3], [1, 2, 3, 0.5, 6, 7]), axes: [] },
    { why: "of no axes, kept", input: f16([3], [1, 2, 3]), axes: [], keepDimensions: true },
    { why: "of a scalar", input: f32([], [3]) },
    { why: "of all axes, not in order", input: f32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), axes: [2, 0, 1] },
  ]); // prettier-ignore
}

cases("layerNormalization", [
  { why: "of a scalar", input: f32([], [3]) },
  { why: "of a vector, over no axes", input: f32([3]), bias: f32([], [0.5]), scale: f32([], [2]) },
  { why: "over axes not in order", input: f32([2, 3, 2]), axes: [2, 1], scale: f32([2, 3]), bias: f32([2, 3]) },
]); // prettier-ignore

const far = 2 ** 31 - 1;
cases("triangular", [
  { why: "above a diagonal that is beyond all columns", input: i32([3, 4]), diagonal: far },
  { why: "above one beyond all rows", input: i32([3, 4]), diagonal: -far - 1 },
  { why: "below a diagonal beyond all columns", input: f32([2, 3, 4]), upper: false, diagonal: far },
  { why: "below one beyond all rows", input: f32([3, 4]), upper: false, diagonal: -far - 1 },
  { why: "between", input: input("int8", [3, 4]), upper: false, diagonal: -1 },
]); // prettier-ignore

cases("maxPool2d", [
  { why: "a window that ceil keeps beyond the image", input: f32([1, 1, 2, 2]), windowDimensions: [3, 3], strides: [4, 4], outputShapeRounding: "ceil" },
  { why: "a last window that only padding and ceil reach", input: f32([1, 1, 4, 5]), windowDimensions: [2, 2], strides: [3, 3], outputShapeRounding: "ceil" },
  { why: "dilations", input: input("int8", [1, 1, 5, 5]), windowDimensions: [2, 2], dilations: [2, 3] },
]); // prettier-ignore

cases("slice", [
  { why: "a stride beyond the slice", input: f32([5]), starts: [1], sizes: [3], strides: [4000000000] },
  { why: "a stride that does not divide it", input: f32([9]), starts: [2], sizes: [6], strides: [4] },
]); // prettier-ignore

cases("argMax", [
  { why: "as int64", input: f32([2, 3], [1, 3, 3, -1, -1, -2]), axis: 1, outputDataType: "int64" },
  { why: "of one element", input: f32([1], [-Infinity]), axis: 0, keepDimensions: true },
]);

cases("expand", [
  { why: "a scalar", input: f32([], [2]), newShape: [2, 3] },
  { why: "to itself", input: f32([2, 1, 3]), newShape: [2, 1, 3] },
]);

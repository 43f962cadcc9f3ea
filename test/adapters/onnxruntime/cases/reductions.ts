import { one, random, int, ints, a23, type OpCase } from "./make-case.ts";
import { f32, i64 } from "../onnx-writer.ts";

export const reductions: readonly OpCase[] = [
  ...[
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSumSquare",
  ].map((op) =>
    one(
      op,
      "along an axis",
      { a: f32([2, 3], [0.5, 1, 2, 3, 0.25, 4]) },
      { attributes: { axes: ints(-1) }, tolerance: 3e-6 },
    ),
  ),
  one(
    "ReduceSum",
    "axes as an attribute",
    { a: a23 },
    { opset: 11, attributes: { axes: ints(0), keepdims: int(0) } },
  ),
  one("ReduceSum", "axes as an input", { a: a23, axes: i64([1], [1]) }, { constants: ["axes"] }),
  one("ReduceSum", "axes as an input that is fed", { a: a23, axes: i64([1], [1]) }),
  one("ReduceSum", "over all", { a: a23 }, { attributes: { keepdims: int(0) } }),
  one("ReduceSum", "over nothing", { a: a23 }, { attributes: { noop_with_empty_axes: int(1) } }),
  one(
    "ReduceMean",
    "axes as an input",
    { a: random([2, 3, 2]), axes: i64([2], [0, 2]) },
    { opset: 18, constants: ["axes"] },
  ),
  one(
    "Softmax",
    "of opset 11 in the middle",
    { a: random([2, 3, 4]) },
    { opset: 11, attributes: { axis: int(1) } },
  ),
  one(
    "Softmax",
    "of opset 11 at the end",
    { a: random([2, 3, 4]) },
    { opset: 11, attributes: { axis: int(2) } },
  ),
  one(
    "Softmax",
    "of opset 13 in the middle",
    { a: random([2, 3, 4]) },
    { attributes: { axis: int(1) } },
  ),
  one(
    "LayerNormalization",
    "of the last axis",
    { a: random([2, 3, 4]), s: random([4], 2, 5), b: random([4], 2, 6) },
    { tolerance: 5e-6 },
  ),
  one(
    "LayerNormalization",
    "of two axes",
    { a: random([2, 3, 4]), s: random([3, 4], 2, 5) },
    { attributes: { axis: int(1), epsilon: { float: 0.01 } }, tolerance: 5e-6 },
  ),
  one(
    "LayerNormalization",
    "with mean and deviation",
    { a: random([2, 3, 4]), s: random([3, 4], 2, 5) },
    { attributes: { axis: int(1) }, types: ["float32", "float32", "float32"], tolerance: 5e-6 },
  ),
  one(
    "LayerNormalization",
    "with a scale that broadcasts",
    { a: random([2, 3, 4]), s: random([4], 2, 5), b: random([3, 1], 2, 6) },
    { attributes: { axis: int(1) }, tolerance: 5e-6 },
  ),
];

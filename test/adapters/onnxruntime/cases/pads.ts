/** Pad and what else moves pixels, and NonMaxSuppression. */
import { chain, node, one, random, int, ints, a23, noise, type OpCase } from "./make-case.ts";
import { f32, i64, type AttributeSpec, type TensorSpec } from "../onnx-writer.ts";

const x = random([2, 3, 4]);
const text = (value: string): AttributeSpec => ({ text: value });
const modes = ["constant", "edge", "reflect", "wrap"] as const;

const pad = (why: string, pads: readonly number[], mode: string, input = x, opset = 19): OpCase =>
  one(
    "Pad",
    why,
    { x: input, p: i64([pads.length], pads) },
    { opset, constants: ["p"], attributes: { mode: text(mode) } },
  );

const typed = (
  type: "int32" | "int64" | "uint8" | "int8" | "float64" | "float16",
  data: readonly number[],
): TensorSpec => ({ type, shape: [2, 3], data });

const boxes = (count: number, seed: number): TensorSpec => {
  const corners = noise(count * 4, 1, seed);
  const data = corners.map((value, i) =>
    i % 4 < 2 ? value : corners[i - 2]! + Math.abs(value) + 0.1,
  );
  return f32([1, count, 4], data.map(Math.fround));
};

const suppress = (
  why: string,
  given: TensorSpec,
  scores: TensorSpec,
  [most, overlap, least]: readonly [number, number?, number?],
  attributes: Readonly<Record<string, AttributeSpec>> = {},
): OpCase =>
  one(
    "NonMaxSuppression",
    why,
    {
      boxes: given,
      scores,
      most: i64([1], [most]),
      ...(overlap !== undefined && { overlap: f32([1], [overlap]) }),
      ...(least !== undefined && { least: f32([1], [least]) }),
    },
    { types: ["int64"], attributes },
  );

export const pads: readonly OpCase[] = [
  ...modes.flatMap((mode) => [
    pad(`${mode} of all dimensions`, [1, 2, 3, 0, 1, 2], mode, random([3, 3, 4])),
    pad(`${mode} with negative pads`, [-1, 1, -2, 0, -1, 1], mode, random([3, 4, 6])),
  ]),
  // onnxruntime puts zeros there; it wraps right where pads are no more than the size, also twice.
  {
    ...pad("wrap, more than there is", [0, 4, 0, 0, 7, 5], "wrap"),
    oracle: [
      node("Constant", [], "first", { value: { tensor: i64([6], [0, 3, 0, 0, 3, 4]) } }),
      node("Constant", [], "second", { value: { tensor: i64([6], [0, 1, 0, 0, 4, 1]) } }),
      node("Pad", ["x", "first"], "some", { mode: text("wrap") }),
      node("Pad", ["some", "second"], "y0", { mode: text("wrap") }),
    ],
  },
  pad("constant of opset 13", [1, 0, 0, 0, 1, 0], "constant", x, 13),
  one(
    "Pad",
    "with pads and value that are fed",
    { x: a23, p: i64([4], [1, 0, 0, 2]), v: f32([], [7]) },
    { opset: 18 },
  ),
  one(
    "Pad",
    "of an axis from the end, wrapped",
    { x: a23, p: i64([2], [1, 2]), v: f32([], [0]), axes: i64([1], [-1]) },
    { opset: 19, constants: ["p", "axes"], attributes: { mode: text("wrap") } },
  ),
  chain(
    "Pad: with a computed value",
    [node("Add", ["v", "v"], "twice"), node("Pad", ["x", "p", "twice"], "y")],
    { x: a23, p: i64([4], [1, 0, 0, 2]), v: f32([], [1.5]) },
    { y: "float32" },
    { constants: ["p"] },
  ),
  one(
    "Pad",
    "of nothing",
    { x: f32([0, 3], []), p: i64([4], [1, 0, 1, 0]), v: f32([], [2]) },
    { constants: ["p", "v"] },
  ),
  one(
    "Pad",
    "edge by attributes",
    { x: a23 },
    { opset: 2, attributes: { pads: ints(0, 1, 2, 0), mode: text("edge") } },
  ),
  ...(["int32", "int64", "uint8", "int8", "float64", "float16"] as const).map((type) => {
    const data =
      type === "float16" ? [0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600] : [1, 2, 3, 4, 5, 6];
    const value: TensorSpec = { type, shape: [], data: [type === "float16" ? 0x4900 : 9] };
    return one(
      "Pad",
      `of ${type}`,
      { x: typed(type, data), p: i64([4], [1, -1, 0, 2]), v: value },
      { constants: ["p", "v"], types: [type] },
    );
  }),
  ...(["edge", "reflect", "wrap"] as const).map((mode) =>
    one(
      "Pad",
      `${mode} of float64`,
      { x: typed("float64", [1, 2, 3, 4, 5, 6]), p: i64([4], [1, 1, 1, -1]) },
      { opset: 19, constants: ["p"], types: ["float64"], attributes: { mode: text(mode) } },
    ),
  ),
  one(
    "CenterCropPad",
    "both",
    { x: random([3, 7, 4]), s: i64([3], [6, 4, 4]) },
    { opset: 18, constants: ["s"] },
  ),
  one(
    "CenterCropPad",
    "along axes",
    { x: random([3, 7, 4]), s: i64([2], [2, 9]) },
    { opset: 18, constants: ["s"], attributes: { axes: ints(-3, 2) } },
  ),
  one(
    "Crop",
    "of borders",
    { x: random([1, 2, 6, 7]) },
    { opset: 7, attributes: { border: ints(1, 2, 3, 1) } },
  ),
  one(
    "Crop",
    "of a part",
    { x: random([1, 2, 6, 7]) },
    { opset: 7, attributes: { border: ints(1, 2, 0, 0), scale: ints(3, 4) } },
  ),
  one(
    "DepthToSpace",
    "by default",
    { x: random([2, 12, 2, 3]) },
    { attributes: { blocksize: int(2) } },
  ),
  one(
    "DepthToSpace",
    "of opset 1",
    { x: random([1, 8, 2, 3]) },
    { opset: 7, attributes: { blocksize: int(2) } },
  ),
  one(
    "DepthToSpace",
    "columns first",
    { x: random([2, 18, 2, 3]) },
    { attributes: { blocksize: int(3), mode: text("CRD") } },
  ),
  one(
    "SpaceToDepth",
    "of blocks",
    { x: random([2, 3, 4, 6]) },
    { attributes: { blocksize: int(2) } },
  ),
  one(
    "Col2Im",
    "by default",
    { x: random([1, 12, 6]), i: i64([2], [3, 4]), k: i64([2], [2, 2]) },
    { opset: 18, constants: ["i", "k"] },
  ),
  one(
    "Col2Im",
    "with all options",
    { x: random([2, 12, 12]), i: i64([2], [6, 7]), k: i64([2], [2, 3]) },
    {
      opset: 18,
      constants: ["i", "k"],
      attributes: { strides: ints(2, 1), dilations: ints(1, 2), pads: ints(1, 0, 1, 0) },
      tolerance: 2e-6,
    },
  ),
  one(
    "Col2Im",
    "of three dimensions",
    { x: random([1, 16, 12]), i: i64([3], [3, 4, 3]), k: i64([3], [2, 2, 2]) },
    { opset: 18, constants: ["i", "k"], tolerance: 2e-6 },
  ),
  suppress("of random boxes", boxes(20, 3), f32([1, 2, 20], noise(40, 1, 7)), [5, 0.3, -0.2]),
  suppress(
    "without a threshold of scores",
    boxes(12, 5),
    f32([1, 1, 12], noise(12, 1, 9)),
    [12, 0.4],
  ),
  suppress("of nothing", boxes(12, 5), f32([1, 1, 12], noise(12, 1, 9)), [3, 0.4, 5]),
  suppress("without a limit", boxes(4, 5), f32([1, 1, 4], noise(4, 1, 9)), [0]),
  suppress(
    "with equal scores, of centres",
    f32([1, 4, 4], [0.5, 0.5, 1, 1, 0.6, 0.5, 1, 1, 5, 5, 2, 2, 5.1, 5, 2, 2]),
    f32([1, 1, 4], [0.5, 0.5, 0.5, 0.5]),
    [4, 0.5, 0],
    { center_point_box: int(1) },
  ),
  suppress(
    "of corners in any order",
    f32([1, 3, 4], [1, 1, 0, 0, 0, 0.1, 1, 1.1, 0, 0.9, 1, -0.1]),
    f32([1, 1, 3], [0.9, 0.75, 0.6]),
    [3, 0.5, 0],
  ),
];

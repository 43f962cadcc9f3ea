/** Images at points that are data: GridSample, AffineGrid, DeformConv, RoiAlign, MaxRoiPool. */
import { one, random, int, ints, noise, type OpCase } from "./make-case.ts";
import { f32, i64, type AttributeSpec, type TensorSpec } from "../onnx-writer.ts";

const text = (value: string): AttributeSpec => ({ text: value });
const tolerance = 1e-5;
const x = random([2, 3, 4, 5]);
/** Points in the image, on its border, outside it, and far outside. */
const grid = f32(
  [2, 3, 4, 2],
  noise(48, 1.6, 3).map((value, i) => Math.fround(i % 11 === 0 ? value * 3 : value)),
);
const x3 = random([1, 2, 3, 4, 5]);
const grid3 = f32([1, 2, 3, 2, 3], noise(36, 1.5, 4));

const sampled = (["zeros", "border", "reflection"] as const).flatMap((padding) =>
  [0, 1].flatMap((align) => {
    const attributes = { padding_mode: text(padding), align_corners: int(align) };
    const how = `${padding}${align === 1 ? ", corners aligned" : ""}`;
    return [
      ...["bilinear", "nearest", "bicubic"].map((mode) =>
        one(
          "GridSample",
          `${mode}, ${how}`,
          { x, grid },
          { opset: 16, attributes: { ...attributes, mode: text(mode) }, tolerance },
        ),
      ),
      ...["linear", "cubic"].map((mode) =>
        one(
          "GridSample",
          `${mode} of opset 20, ${how}`,
          { x, grid },
          { opset: 20, attributes: { ...attributes, mode: text(mode) }, tolerance },
        ),
      ),
      ...["linear", "nearest"].map((mode) =>
        one(
          "GridSample",
          `${mode} of three dimensions, ${how}`,
          { x: x3, grid: grid3 },
          { opset: 20, attributes: { ...attributes, mode: text(mode) }, tolerance },
        ),
      ),
    ];
  }),
);

const theta = f32([2, 2, 3], [1, 0.2, 0.3, -0.1, 0.8, 0, 0.5, 0, -0.25, 0.3, 1.2, 0.1]);
const theta3 = random([1, 3, 4]);
const affine = [0, 1].flatMap((align) => [
  one(
    "AffineGrid",
    `of images${align === 1 ? ", corners aligned" : ""}`,
    { theta, size: i64([4], [2, 3, 4, 5]) },
    { opset: 20, constants: ["size"], attributes: { align_corners: int(align) }, tolerance },
  ),
  one(
    "AffineGrid",
    `of volumes${align === 1 ? ", corners aligned" : ""}`,
    { theta: theta3, size: i64([5], [1, 3, 2, 3, 4]) },
    { opset: 20, attributes: { align_corners: int(align) }, tolerance },
  ),
]);

const deformed = (
  why: string,
  tensors: Readonly<Record<string, TensorSpec>>,
  attributes: Readonly<Record<string, AttributeSpec>>,
  opset = 19,
): OpCase => one("DeformConv", why, tensors, { opset, attributes, tolerance });

const rois = f32([4, 4], [0, 0, 9, 7, 2.5, 1.25, 6, 6.5, -2, -3, 4, 5, 5, 5, 30, 20]);
const regions = { x: random([2, 3, 10, 12]), rois, batch: i64([4], [0, 1, 1, 0]) };
const aligned = (["avg", "max"] as const).flatMap((mode) =>
  [0, 2].flatMap((samples) => {
    const attributes = {
      mode: text(mode),
      sampling_ratio: int(samples),
      output_height: int(3),
      output_width: int(2),
      spatial_scale: { float: 0.75 },
    };
    const how = `${mode}, ${samples === 0 ? "as many samples as pixels" : `${samples} samples`}`;
    return [
      one("RoiAlign", `of opset 10, ${how}`, regions, { opset: 10, attributes, tolerance }),
      one("RoiAlign", `by half pixels, ${how}`, regions, { opset: 16, attributes, tolerance }),
      one("RoiAlign", `of opset 16, ${how}`, regions, {
        opset: 16,
        attributes: { ...attributes, coordinate_transformation_mode: text("output_half_pixel") },
        tolerance,
      }),
    ];
  }),
);

export const samples: readonly OpCase[] = [
  one(
    "RoiAlign",
    "of no regions",
    { ...regions, rois: f32([0, 4], []), batch: i64([0], []) },
    { attributes: { output_height: int(3), output_width: int(2), sampling_ratio: int(2) } },
  ),
  ...sampled,
  ...affine,
  ...aligned,
  deformed(
    "with offsets alone",
    { x: random([1, 2, 5, 6]), w: random([3, 2, 3, 2], 1, 4), o: random([1, 12, 3, 5], 1, 5) },
    {},
  ),
  deformed(
    "with all inputs and options",
    {
      x: random([2, 4, 6, 7]),
      w: random([6, 2, 3, 2], 1, 4),
      o: random([2, 24, 3, 6], 2, 5),
      b: random([6], 1, 6),
      m: random([2, 12, 3, 6], 1, 7),
    },
    {
      group: int(2),
      offset_group: int(2),
      strides: ints(2, 1),
      dilations: ints(1, 2),
      pads: ints(1, 0, 1, 1),
    },
    22,
  ),
  one(
    "MaxRoiPool",
    "of regions",
    {
      x: random([2, 3, 10, 12]),
      rois: f32([4, 5], [0, 0, 0, 9, 7, 1, 2.5, 1.25, 6, 6.5, 1, -2, -3, 4, 5, 0, 5, 5, 30, 20]),
    },
    { attributes: { pooled_shape: ints(3, 2), spatial_scale: { float: 0.75 } } },
  ),
];

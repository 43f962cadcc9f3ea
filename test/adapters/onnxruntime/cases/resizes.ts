import { one, random, bytes, int, ints, type OpCase } from "./make-case.ts";
import { f32, i64, type AttributeSpec, type TensorSpec } from "../onnx-writer.ts";

const x = random([2, 3, 5, 6]);
const none = f32([0], []);
const tolerance = 5e-6;
const text = (value: string): AttributeSpec => ({ text: value });
type Attributes = Readonly<Record<string, AttributeSpec>>;

function byScales(
  why: string,
  scales: readonly number[],
  attributes: Attributes,
  { input = x, opset = 17, roi = none } = {},
): OpCase {
  const tensors = { x: input, roi, scales: f32([scales.length], scales) };
  const constants = roi.shape[0] === 0 ? ["roi", "scales"] : ["scales"];
  return one("Resize", why, tensors, { opset, attributes, constants, tolerance });
}

function bySizes(
  why: string,
  sizes: readonly number[],
  attributes: Attributes,
  { input = x, opset = 17, roi = none } = {},
): OpCase {
  const tensors = { x: input, roi, scales: none, sizes: i64([sizes.length], sizes) };
  const constants = ["roi", "scales", "sizes"];
  return one("Resize", why, tensors, { opset, attributes, constants, tolerance });
}

const all = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"] as const;
const nearestModes = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const;
const scaleLists = { twice: [1, 1, 2, 2], "by half and more": [1, 1, 0.5, 1.7] };
/** With align_corners only scales that leave no rest: onnxruntime rounds the length where ONNX's reference does not. */
const withoutRest: typeof scaleLists = { ...scaleLists, "by half and more": [1, 1, 0.4, 1.5] };

const combinations = (["twice", "by half and more"] as const).flatMap((how) =>
  all.flatMap((coordinates) => {
    const scales = (coordinates === "align_corners" ? withoutRest : scaleLists)[how];
    const coordinate = { coordinate_transformation_mode: text(coordinates) };
    return [
      ...nearestModes.map((nearest) =>
        byScales(`nearest ${nearest}, ${coordinates}, ${how}`, scales, {
          ...coordinate,
          nearest_mode: text(nearest),
        }),
      ),
      byScales(`linear, ${coordinates}, ${how}`, scales, { ...coordinate, mode: text("linear") }),
      byScales(`cubic, ${coordinates}, ${how}`, scales, { ...coordinate, mode: text("cubic") }),
    ];
  }),
);

const crop = { coordinate_transformation_mode: text("tf_crop_and_resize") };
const roi = f32([8], [0, 0, 0.25, -0.5, 1, 1, 0.75, 1.25]);

const special: readonly OpCase[] = [
  byScales("of no images", [1, 1, 2, 2], {}, { input: f32([0, 3, 5, 6], []) }),
  byScales(
    "tf_half_pixel_for_nn",
    [1, 1, 2, 0.6],
    { coordinate_transformation_mode: text("tf_half_pixel_for_nn") },
    { opset: 11 },
  ),
  ...["linear", "nearest"].map((mode) =>
    byScales(
      `${mode}, half_pixel_symmetric`,
      [1, 1, 1.3, 0.7],
      { mode: text(mode), coordinate_transformation_mode: text("half_pixel_symmetric") },
      { opset: 19 },
    ),
  ),
  byScales("cubic with its parameter, outside excluded", [1, 1, 0.8, 1.9], {
    mode: text("cubic"),
    cubic_coeff_a: { float: -0.5 },
    exclude_outside: int(1),
  }),
  ...["linear", "cubic"].flatMap((mode) =>
    [0, 1].flatMap((exclude) => [
      byScales(
        `${mode}, antialias${exclude ? ", outside excluded" : ""}`,
        [1, 1, 0.4, 0.7],
        { mode: text(mode), antialias: int(1), exclude_outside: int(exclude) },
        { opset: 18 },
      ),
      byScales(
        `${mode}, antialias, larger${exclude ? ", outside excluded" : ""}`,
        [1, 1, 2, 1.5],
        { mode: text(mode), antialias: int(1), exclude_outside: int(exclude) },
        { opset: 18 },
      ),
    ]),
  ),
  ...["linear", "nearest"].map((mode) =>
    bySizes(
      `${mode}, tf_crop_and_resize`,
      [2, 3, 4, 7],
      { ...crop, mode: text(mode), extrapolation_value: { float: 10 } },
      { roi },
    ),
  ),
  bySizes("linear, sizes", [2, 3, 7, 4], { mode: text("linear") }),
  bySizes("nearest, sizes", [2, 3, 7, 4], {}),
  bySizes("linear to one pixel", [2, 3, 1, 1], {
    mode: text("linear"),
    coordinate_transformation_mode: text("pytorch_half_pixel"),
  }),
  bySizes("linear to one pixel by corners", [2, 3, 1, 1], {
    mode: text("linear"),
    coordinate_transformation_mode: text("align_corners"),
  }),
  ...["not_larger", "not_smaller"].map((policy) =>
    bySizes(
      `nearest ${policy}`,
      [9, 8],
      { axes: ints(2, 3), keep_aspect_ratio_policy: text(policy) },
      { opset: 18 },
    ),
  ),
  bySizes(
    "linear along axes from the end",
    [9, 8],
    { axes: ints(-1, -2), mode: text("linear") },
    { opset: 18 },
  ),
  byScales("nearest of one dimension", [1, 1, 2.5], {}, { input: random([2, 3, 5]) }),
  byScales(
    "linear of three dimensions",
    [1, 1, 2, 0.5, 1.5],
    { mode: text("linear") },
    { input: random([1, 2, 3, 4, 5]) },
  ),
  byScales(
    "linear of three dimensions by corners",
    [1, 1, 2, 0.5, 1.5],
    { mode: text("linear"), coordinate_transformation_mode: text("align_corners") },
    { input: random([1, 2, 3, 4, 4]) },
  ),
  byScales(
    "nearest of three dimensions",
    [1, 1, 2, 3, 2],
    { coordinate_transformation_mode: text("asymmetric"), nearest_mode: text("floor") },
    { input: random([1, 2, 3, 4, 5]) },
  ),
  byScales("nearest of a matrix", [2, 0.5], {}, { input: random([4, 6]) }),
  byScales("linear of a matrix", [2, 0.5], { mode: text("linear") }, { input: random([4, 6]) }),
  byScales(
    "of channels last",
    [1, 2, 2, 1],
    { mode: text("linear") },
    { input: random([1, 3, 4, 3]) },
  ),
  one(
    "Resize",
    "scales that are fed",
    { x, roi: none, scales: f32([4], [1, 1, 2, 1.5]) },
    { constants: ["roi"], attributes: { mode: text("linear") }, tolerance },
  ),
  one(
    "Resize",
    "without a region",
    { x, scales: f32([4], [1, 1, 2, 3]) },
    { opset: 10, constants: ["scales"] },
  ),
  ...["nearest", "linear"].flatMap((mode) =>
    [
      [1, 1, 2, 1.6],
      [1, 1, 0.6, 0.5],
    ].map((scales) =>
      one(
        "Resize",
        `${mode} of opset 10 by ${scales.slice(2).join(" and ")}`,
        { x, scales: f32([4], scales) },
        { opset: 10, constants: ["scales"], attributes: { mode: text(mode) }, tolerance },
      ),
    ),
  ),
  ...["nearest", "linear"].flatMap((mode) => [
    one(
      "Upsample",
      `${mode} of opset 7`,
      { x },
      { opset: 7, attributes: { mode: text(mode), scales: { floats: [1, 1, 2, 3] } }, tolerance },
    ),
    one(
      "Upsample",
      `${mode} of opset 9`,
      { x, scales: f32([4], [1, 1, 1.5, 2]) },
      { opset: 9, constants: ["scales"], attributes: { mode: text(mode) }, tolerance },
    ),
  ]),
  ...(["uint8", "int8", "int32"] as const).flatMap((type) => {
    const input: TensorSpec =
      type === "int32" ? { ...bytes("uint8", [1, 2, 4, 5]), type } : bytes(type, [1, 2, 4, 5]);
    const constants = ["roi", "scales"];
    const tensors = { x: input, roi: none, scales: f32([4], [1, 1, 2, 0.7]) };
    return ["nearest", "linear"].map((mode) =>
      one("Resize", `${mode} of ${type}`, tensors, {
        constants,
        types: [type],
        attributes: { mode: text(mode) },
      }),
    );
  }),
];

export const resizes: readonly OpCase[] = [...combinations, ...special];

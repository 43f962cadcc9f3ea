import { one, random, bytes, int, ints, type OpCase } from "./make-case.ts";
import { i64, type AttributeSpec, type TensorSpec } from "../onnx-writer.ts";

const x1 = random([2, 3, 9]);
const x2 = random([2, 3, 7, 8]);
const x3 = random([2, 3, 5, 6, 7]);
const tolerance = 2e-6;

type Attributes = Readonly<Record<string, AttributeSpec>>;

const pooled: readonly (readonly [why: string, x: typeof x1, attributes: Attributes])[] = [
  ["of one dimension", x1, { kernel_shape: ints(3), strides: ints(2), pads: ints(1, 0) }],
  ["of two dimensions", x2, { kernel_shape: ints(3, 2), pads: ints(1, 0, 2, 1) }],
  [
    "of three dimensions",
    x3,
    { kernel_shape: ints(2, 3, 2), strides: ints(2, 1, 2), pads: ints(1, 0, 1, 0, 2, 1) },
  ],
  [
    "SAME_UPPER",
    x2,
    { kernel_shape: ints(3, 4), auto_pad: { text: "SAME_UPPER" }, strides: ints(2, 3) },
  ],
  [
    "SAME_LOWER",
    x2,
    { kernel_shape: ints(3, 4), auto_pad: { text: "SAME_LOWER" }, strides: ints(2, 3) },
  ],
  ["VALID", x2, { kernel_shape: ints(3, 4), auto_pad: { text: "VALID" }, strides: ints(2, 3) }],
];

const cut: Attributes = { ceil_mode: int(1) };
const counted: Attributes = { count_include_pad: int(1) };

const noImages: TensorSpec = { type: "float32", shape: [0, 3, 7, 8], data: [] };

export const windows: readonly OpCase[] = [
  ...["MaxPool", "AveragePool"].map((op) =>
    one(op, "of no images", { x: noImages }, { attributes: { kernel_shape: ints(2, 3), ...cut } }),
  ),
  ...pooled.flatMap(([why, x, attributes]) => [
    one("AveragePool", why, { x }, { attributes, tolerance }),
    one("LpPool", why, { x }, { attributes, tolerance: 4e-6 }),
    one(
      "AveragePool",
      `${why}, padding counts`,
      { x },
      { attributes: { ...attributes, ...counted }, tolerance },
    ),
    one(
      "AveragePool",
      `${why}, cut`,
      { x },
      { opset: 19, attributes: { ...attributes, ...cut }, tolerance },
    ),
    one(
      "AveragePool",
      `${why}, cut, padding counts`,
      { x },
      { opset: 19, attributes: { ...attributes, ...cut, ...counted }, tolerance },
    ),
    one("MaxPool", `also ${why}`, { x }, { attributes: { ...attributes, ...cut } }),
    one("MaxPool", `${why} with indices`, { x }, { attributes, types: ["float32", "int64"] }),
    one(
      "MaxPool",
      `${why} with indices, the first dimension fastest, cut`,
      { x },
      { attributes: { ...attributes, ...cut, storage_order: int(1) }, types: ["float32", "int64"] },
    ),
  ]),
  one(
    "AveragePool",
    "with dilations",
    { x: x2 },
    {
      opset: 19,
      attributes: { kernel_shape: ints(3, 2), dilations: ints(2, 3), pads: ints(1, 1, 1, 1) },
      tolerance,
    },
  ),
  one(
    "MaxPool",
    "with indices of dilated windows",
    { x: x2 },
    {
      attributes: { kernel_shape: ints(3, 2), dilations: ints(2, 3) },
      types: ["float32", "int64"],
    },
  ),
  one(
    "MaxPool",
    "with indices of equal elements",
    {
      x: {
        ...bytes("uint8", [1, 2, 5, 5]),
        type: "float32",
        data: [1, 2].flatMap((c) =>
          Array.from({ length: 25 }, (_, i) => c + (i % 3 === 0 ? 1 : 0)),
        ),
      },
    },
    { attributes: { kernel_shape: ints(3, 3) }, types: ["float32", "int64"] },
  ),
  ...(["uint8", "int8"] as const).map((type) =>
    one(
      "MaxPool",
      `of ${type}`,
      { x: bytes(type, [1, 2, 6, 5]) },
      { attributes: { kernel_shape: ints(2, 3), pads: ints(1, 1, 0, 0) }, types: [type] },
    ),
  ),
  ...([1, 3] as const).flatMap((p) => [
    one(
      "LpPool",
      `of power ${p}`,
      { x: x2 },
      { attributes: { kernel_shape: ints(3, 2), p: int(p) }, tolerance: 5e-6 },
    ),
    one("GlobalLpPool", `of power ${p}`, { x: x2 }, { attributes: { p: int(p) }, tolerance: 5e-6 }),
  ]),
  one(
    "LpPool",
    "with dilations and a cut window",
    { x: x2 },
    {
      opset: 18,
      attributes: { kernel_shape: ints(3, 2), dilations: ints(2, 1), strides: ints(1, 3), ...cut },
      tolerance: 4e-6,
    },
  ),
  ...([x1, x2, x3] as const).flatMap((x, i) => [
    one("GlobalAveragePool", `of ${i + 1} dimensions`, { x }, { tolerance }),
    one("GlobalMaxPool", `of ${i + 1} dimensions`, { x }),
    one("GlobalLpPool", `of ${i + 1} dimensions`, { x }, { tolerance: 4e-6 }),
  ]),
  one(
    "MaxUnpool",
    "by default",
    { x: random([1, 2, 2, 2]), i: i64([1, 2, 2, 2], [5, 7, 13, 15, 16, 18, 26, 31]) },
    { attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2) } },
  ),
  one(
    "MaxUnpool",
    "of one dimension with padding",
    { x: random([1, 2, 3]), i: i64([1, 2, 3], [0, 2, 4, 5, 8, 9]) },
    { attributes: { kernel_shape: ints(3), strides: ints(2), pads: ints(1, 1) } },
  ),
  one(
    "MaxUnpool",
    "to a shape of the same size",
    {
      x: random([1, 1, 2, 2]),
      i: i64([1, 1, 2, 2], [5, 7, 13, 15]),
      s: i64([4], [1, 1, 4, 4]),
    },
    { constants: ["s"], attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2) } },
  ),
];

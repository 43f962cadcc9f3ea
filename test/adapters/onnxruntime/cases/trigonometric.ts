import { one, inType, halves, typed, type OpCase } from "./make-case.ts";
import { f32 } from "../onnx-writer.ts";

const unit = [-1, -0.99, -0.6, -0.5, -0.25, -1e-4, 0, 1e-20, 0.3, 0.5, 0.51, 0.75, 1, 1.5, NaN];
const all = [
  -Infinity,
  -1e30,
  -88,
  -3,
  -0.8,
  -1e-4,
  0,
  1e-20,
  0.3,
  0.7,
  1,
  2,
  20,
  1e10,
  Infinity,
  NaN,
];
const above = [1, 1.0625, 1.25, 1.5, 1.6, 2, 10, 1e6, 1e30, Infinity, 0.5, NaN];

const families = [
  [["Acos", "Asin", "Atanh"], unit],
  [["Asinh", "Atan", "Cosh", "Sinh"], all],
  [["Acosh"], above],
] as const;

/** trigonometric.test.ts is about every last bit of them; these are about their rows. */
export const trigonometric: readonly OpCase[] = families.flatMap(([ops, values]) =>
  ops.flatMap((op) => [
    one(op, "of all sizes", { x: f32([values.length], values) }, { tolerance: 1e-6 }),
    inType(
      one(op, "of float64", { x: typed("float64", values) }, { types: ["float64"] }),
      "float32",
      "float64",
    ),
    one(op, "of float16", { x: halves(-0.5, 0.25, 0.75, 1) }, { types: ["float16"] }),
  ]),
);

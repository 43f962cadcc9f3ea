import {
  inType,
  one,
  a23,
  b3,
  bools,
  halves,
  i32,
  int,
  ints,
  random,
  ramp,
  typed,
  type OpCase,
  type Oracle,
} from "./make-case.ts";
import { f32, i64, type NodeSpec, type TensorSpec } from "../onnx-writer.ts";

const doubles = typed("float64", [-2.5, -1, -0.5, 0, 0.5, 1.5, 2.5]);
const positives = typed("float64", [0.25, 0.5, 1, 9]);
const infinities = [NaN, 1, Infinity, -Infinity];

/** Opsets 1 to 6 align the second operand at an axis; later ones ask for trailing dimensions of 1. */
function legacy(
  op: string,
  why: string,
  a: TensorSpec,
  b: TensorSpec,
  attributes: NodeSpec["attributes"],
  trailing: readonly number[],
): OpCase {
  const oracle: Oracle = {
    oracleOpset: 17,
    oracle: [
      {
        op: "Constant",
        inputs: [],
        outputs: ["axes"],
        attributes: { value_ints: { ints: trailing } },
      },
      { op: "Unsqueeze", inputs: ["b", "axes"], outputs: ["aligned"] },
      { op, inputs: ["a", trailing.length === 0 ? "b" : "aligned"], outputs: ["y0"] },
    ].slice(trailing.length === 0 ? 2 : 0),
  };
  const isTruth = ["Equal", "Less", "Greater", "And", "Or", "Xor"].includes(op);
  return one(
    op,
    why,
    { a, b },
    { opset: 6, attributes: attributes!, types: [isTruth ? "bool" : "float32"], ...oracle },
  );
}

const at = (axis: number) => ({ broadcast: int(1), axis: int(axis) });
const a234 = random([2, 3, 4]);
const truths = bools([2, 3], [1, 0, 1, 0, 0, 1]);

export const numbers: readonly OpCase[] = [
  ...["Add", "Sub", "Mul", "Div", "Less", "Greater"].flatMap((op) => [
    legacy(op, "in the middle in opset 6", a234, random([3], 2, 4), at(1), [1]),
    legacy(op, "at the end in opset 6", a234, random([3, 4], 2, 4), { broadcast: int(1) }, []),
    legacy(op, "in one shape in opset 6", a234, random([2, 3, 4], 2, 4), {}, []),
  ]),
  legacy("Add", "at an axis from behind in opset 6", a234, random([3], 2, 4), at(-2), [1]),
  legacy("Pow", "in front in opset 6", f32([2, 2], [1, 2, 3, 4]), f32([2], [2, 0.5]), at(0), [1]),
  ...["And", "Or", "Xor"].map((op) =>
    legacy(op, "in front in opset 6", truths, bools([2], [1, 0]), at(0), [1]),
  ),
  {
    ...legacy(
      "Equal",
      "in front in opset 6",
      i32([2, 2], [1, 2, 3, 4]),
      i32([2], [1, 4]),
      at(0),
      [1],
    ),
  },
  ...["Max", "Min", "Sum", "Mean"].map((op) =>
    one(
      op,
      "of three in opset 6",
      { a: a23, b: random([2, 3], 2, 4), c: random([2, 3], 2, 5) },
      {
        opset: 6,
        oracleOpset: 17,
        oracle: [{ op, inputs: ["a", "b", "c"], outputs: ["y0"] }],
      },
    ),
  ),
  one("Mean", "broadcasts", { a: a23, b: b3, c: f32([], [0.1]) }),
  one("Mean", "of one", { a: a23 }),
  one("Mean", "of float16", { a: halves(1, 2.5), b: halves(0.5, -7) }, { types: ["float16"] }),
  one("Max", "of NaN", { a: f32([3], [NaN, 1, 2]), b: f32([3], [0, NaN, 3]) }),
  ...["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum"].map((op) =>
    one(op, "float64", { a: doubles, b: typed("float64", [0.1]) }, { types: ["float64"] }),
  ),
  ...["Add", "Sub", "Mul", "Div", "Max", "Min"].map((op) =>
    one(op, "float16", { a: halves(1, 2.5, -3), b: halves(0.5, -7, 3) }, { types: ["float16"] }),
  ),
  ...[
    "Abs",
    "Ceil",
    "Floor",
    "Neg",
    "Round",
    "Sign",
    "Relu",
    "Sin",
    "Cos",
    "Tanh",
    "Exp",
    "Sigmoid",
  ].map((op) => one(op, "float64", { a: doubles }, { types: ["float64"] })),
  inType(one("Tan", "float64", { a: doubles }, { types: ["float64"] }), "float32", "float64"),
  inType(
    one("Mean", "float64", { a: doubles, b: typed("float64", [0.5]) }, { types: ["float64"] }),
    "float32",
    "float64",
  ),
  ...["Log", "Sqrt", "Reciprocal"].map((op) =>
    one(op, "float64", { a: positives }, { types: ["float64"] }),
  ),
  inType(one("Erf", "float64", { a: doubles }, { types: ["float64"] }), "float32", "float64"),
  one(
    "Abs",
    "of opset 1",
    { a: ramp },
    {
      opset: 1,
      attributes: { consumed_inputs: ints(0) },
      oracleOpset: 17,
      oracle: [{ op: "Abs", inputs: ["a"], outputs: ["y0"] }],
    },
  ),
  ...(["float32", "float64"] as const).flatMap((type) => [
    one("IsNaN", `of ${type}`, { a: typed(type, infinities) }, { types: ["bool"] }),
    one("IsInf", `of ${type}`, { a: typed(type, infinities) }, { types: ["bool"] }),
    one(
      "IsInf",
      `of neither sign in ${type}`,
      { a: typed(type, infinities) },
      {
        types: ["bool"],
        attributes: { detect_positive: int(0), detect_negative: int(0) },
      },
    ),
    one(
      "IsInf",
      `of the negative in ${type}`,
      { a: typed(type, infinities) },
      {
        types: ["bool"],
        attributes: { detect_positive: int(0) },
      },
    ),
  ]),
  one(
    "IsInf",
    "of the positive in float16",
    { a: typed("float16", [0x7c00, 0xfc00, 0x7bff]) },
    {
      opset: 20,
      types: ["bool"],
      attributes: { detect_negative: int(0) },
    },
  ),
  one(
    "Clip",
    "float64",
    { a: doubles, low: typed("float64", [-1], []), high: typed("float64", [1], []) },
    { types: ["float64"] },
  ),
  one(
    "Clip",
    "NaN",
    { a: f32([3], [NaN, 3, -3]), low: f32([], [-1]), high: f32([], [1]) },
    { constants: ["low", "high"] },
  ),
  one("Clip", "without bounds", { a: ramp }),
  one("Identity", "float64", { a: doubles }, { types: ["float64"] }),
  one("Identity", "uint16", { a: typed("uint16", [1, 65535]) }, { types: ["uint16"] }),
  one(
    "Dropout",
    "of opset 12 with a ratio",
    { a: ramp, ratio: f32([], [0.3]) },
    { opset: 12, types: ["float32", "bool"] },
  ),
  one("Dropout", "of opset 10", { a: ramp }, { opset: 10, attributes: { ratio: { float: 0.3 } } }),
  one("Dropout", "of opset 7", { a: ramp }, { opset: 7, attributes: { ratio: { float: 0.3 } } }),
  one(
    "Dropout",
    "training with a ratio of 0",
    { a: ramp, ratio: f32([], [0]), training: typed("bool", [1], []) },
    {
      types: ["float32", "bool"],
      constants: ["ratio", "training"],
    },
  ),

  ...[
    { why: "on the diagonal", form: {} },
    { why: "above", form: { attributes: { k: int(1) } } },
    { why: "below", form: { attributes: { k: int(-2) } } },
    { why: "beyond", form: { attributes: { k: int(9) } } },
    { why: "of int64", form: { attributes: { dtype: int(7) }, types: ["int64"] } },
    { why: "of float64", form: { attributes: { dtype: int(11), k: int(1) }, types: ["float64"] } },
  ].map(({ why, form }) => one("EyeLike", why, { a: random([3, 4]) }, form as object)),
  inType(
    one(
      "EyeLike",
      "of bool",
      { a: random([3, 4]) },
      { attributes: { dtype: int(9) }, types: ["bool"] },
    ),
    "float32",
    "bool",
  ),
  one("EyeLike", "of an int32", { a: i32([2, 2], [5, 6, 7, 8]) }, { types: ["int32"] }),
  one("Det", "of a matrix", { a: random([3, 3]) }, { tolerance: 1e-5 }),
  one("Det", "of matrices", { a: random([2, 2, 4, 4]) }, { tolerance: 1e-5 }),
  one("Det", "of one that is singular", { a: f32([2, 2], [1, 2, 2, 4]) }),
  one("Det", "that swaps rows", { a: f32([3, 3], [0, 2, 1, 1, 0, 3, 4, 1, 0]) }),

  ...["ArgMax", "ArgMin"].flatMap((op) => [
    one(op, "by default", { a: a234 }, { types: ["int64"] }),
    one(
      op,
      "of the last axis, dropped",
      { a: a234 },
      { types: ["int64"], attributes: { axis: int(-1), keepdims: int(0) } },
    ),
    ...[0, 1].map((last) =>
      one(
        op,
        last ? "the last of equals" : "the first of equals",
        { a: f32([2, 4], [1, 3, 3, 1, 0, 0, 0, 0]) },
        {
          types: ["int64"],
          attributes: { axis: int(1), select_last_index: int(last) },
        },
      ),
    ),
    ...(["int8", "uint8", "int32", "float64", "int64"] as const).map((type) =>
      one(
        op,
        type,
        { a: typed(type, [3, 1, 2, 3, 1, 3], [2, 3]) },
        { types: ["int64"], attributes: { axis: int(1) } },
      ),
    ),
    one(op, "of float16", { a: halves(1, 5, -2) }, { types: ["int64"] }),
    one(
      op,
      "of int16",
      { a: typed("int16", [1, 5, -2]) },
      {
        types: ["int64"],
        attributes: { select_last_index: int(1) },
        oracleOpset: 17,
        oracle: [
          { op: "Cast", inputs: ["a"], outputs: ["wide"], attributes: { to: int(6) } },
          { op, inputs: ["wide"], outputs: ["y0"] },
        ],
      },
    ),
    one(
      op,
      "of opset 1",
      { a: a234 },
      {
        opset: 1,
        types: ["int64"],
        attributes: { axis: int(2) },
      },
    ),
  ]),

  ...["Softmax", "LogSoftmax", "Hardmax"].flatMap((op) => [
    one(op, "of opset 13 by default", { a: a234 }),
    one(op, "of opset 13 in front", { a: a234 }, { attributes: { axis: int(0) } }),
    one(op, "of opset 11 by default", { a: a234 }, { opset: 11 }),
    one(op, "of opset 11 in front", { a: a234 }, { opset: 11, attributes: { axis: int(0) } }),
    one(op, "of opset 11 behind", { a: a234 }, { opset: 11, attributes: { axis: int(-1) } }),
    one(op, "of opset 1", { a: a234 }, { opset: 1 }),
    one(op, "of large numbers", { a: f32([2, 4], [0, 1, 2, 3, 10000, 10001, 10002, 10003]) }),
    one(op, "of equal numbers", { a: f32([2, 2], [3, 3, -1, -1]) }),
    ...[11, 13].map((opset) =>
      inType(
        one(
          op,
          `of float64 of opset ${opset}`,
          { a: typed("float64", [0, 1, 2, 3, 5, 5], [2, 3]) },
          { opset, types: ["float64"] },
        ),
        "float32",
        "float64",
      ),
    ),
    one(op, "of float16", { a: halves(0, 1, 2) }, { types: ["float16"] }),
  ]),
  one("Softmax", "of nothing", { a: f32([0, 3], []) }),
  one("Add", "of nothing", { a: f32([0, 3], []), b: f32([3], [1, 2, 3]) }),
  one("Cast", "of nothing", { a: i64([0], []) }, { attributes: { to: int(1) } }),
];

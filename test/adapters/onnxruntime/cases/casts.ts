import { one, chain, int, node, typed, type OpCase } from "./make-case.ts";
import { f32, typeCode, type ElementTypeName } from "../onnx-writer.ts";

const types: readonly ElementTypeName[] = [
  "float32", "float64", "float16", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool",
]; // prettier-ignore

/** 0, 1, 2 and something larger in any type; as float16 the bits. */
const small = (type: ElementTypeName) =>
  type === "float16"
    ? [0, 0x3c00, 0x4000, 0x5640]
    : type === "bool"
      ? [0, 1, 1, 0]
      : [0, 1, 2, 100];

const negative: readonly ElementTypeName[] = [
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
];

/** Small floats that onnxruntime-node does not hand out come back as float32. */
const through = (name: string, code: number, values: readonly number[], saturate?: number) =>
  chain(
    `Cast: by way of ${name}${saturate === 0 ? " without saturating" : ""}`,
    [
      node("Cast", ["x"], "small", {
        to: int(code),
        ...(saturate === undefined ? {} : { saturate: int(saturate) }),
      }),
      node("Cast", ["small"], "y", { to: int(1) }),
    ],
    { x: f32([values.length], values) },
    { y: "float32" },
    { opset: 21 },
  );

const floats = [
  0,
  1,
  -1.0625,
  0.3,
  -7.7,
  17,
  240,
  247,
  448,
  460,
  470,
  57344,
  61000,
  1e-3,
  2e-3,
  1e-8,
  -3e5,
  NaN,
  Infinity,
  -Infinity,
];

export const casts: readonly OpCase[] = [
  ...types.flatMap((from) =>
    types
      .filter((to) => to !== from)
      .map((to) =>
        one(
          "Cast",
          `small ${from} to ${to}`,
          { a: typed(from, small(from)) },
          {
            attributes: { to: int(typeCode(to)) },
            types: [to],
          },
        ),
      ),
  ),
  ...negative.flatMap((from) =>
    negative
      .filter((to) => to !== from)
      .map((to) =>
        one(
          "Cast",
          `negative ${from} to ${to}`,
          { a: typed(from, [-1, -100]) },
          {
            attributes: { to: int(typeCode(to)) },
            types: [to],
          },
        ),
      ),
  ),
  one(
    "Cast",
    "wide integers keep their low bits",
    { a: typed("int64", [4294967297n, 65537n, 200n, -129n]) },
    {
      attributes: { to: int(3) },
      types: ["int8"],
    },
  ),
  one(
    "Cast",
    "wide integers to int16",
    { a: typed("int64", [4294967297n, 65537n, 40000n, -32769n]) },
    {
      attributes: { to: int(5) },
      types: ["int16"],
    },
  ),
  one(
    "Cast",
    "float64 to float32 rounds",
    { a: typed("float64", [0.1, 1e300, -1e-300, NaN]) },
    {
      attributes: { to: int(1) },
    },
  ),
  one(
    "Cast",
    "float64 to float16 rounds",
    { a: typed("float64", [0.1, 70000, 1e-9]) },
    {
      attributes: { to: int(10) },
      types: ["float16"],
    },
  ),
  one(
    "Cast",
    "fractions and NaN of float64 to bool",
    { a: typed("float64", [0, 0.5, NaN]) },
    {
      attributes: { to: int(9) },
      types: ["bool"],
    },
  ),
  one(
    "Cast",
    "fractions to int16",
    { a: f32([4], [1.9, -1.9, 0.5, -0.5]) },
    {
      attributes: { to: int(5) },
      types: ["int16"],
    },
  ),
  one("Cast", "to its own type", { a: f32([2], [1.5, 2]) }, { attributes: { to: int(1) } }),
  one(
    "Cast",
    "by a name in opset 1",
    { a: f32([2], [1.5, -2]) },
    {
      opset: 1,
      attributes: { to: { text: "INT64" } },
      types: ["int64"],
      oracleOpset: 17,
      oracle: [{ op: "Cast", inputs: ["a"], outputs: ["y0"], attributes: { to: int(7) } }],
    },
  ),
  through("bfloat16", 16, floats),
  ...(
    [
      ["float8e4m3fn", 17],
      ["float8e4m3fnuz", 18],
      ["float8e5m2", 19],
      ["float8e5m2fnuz", 20],
    ] as const
  ).flatMap(([name, code]) => [through(name, code, floats), through(name, code, floats, 0)]),
  ...(
    [
      ["uint4", 21, [0, 1.9, 15, 7]],
      ["int4", 22, [0, 1.9, -8, 7, -3.5]],
    ] as const
  ).map(([name, code, values]) => through(name, code, values)),
  chain(
    "Cast: int4 of integers keeps the low bits",
    [node("Cast", ["x"], "small", { to: int(22) }), node("Cast", ["small"], "y", { to: int(6) })],
    { x: typed("int32", [0, 7, 8, 15, 16, -1, -8]) },
    { y: "int32" },
    { opset: 21 },
  ),
  {
    ...chain(
      "Add: of bfloat16, between casts",
      [
        node("Cast", ["x"], "a", { to: int(16) }),
        node("Add", ["a", "a"], "sum"),
        node("Mul", ["sum", "a"], "product"),
        node("Cast", ["product"], "y", { to: int(1) }),
      ],
      { x: f32([4], [1, -0.75, 3, 16]) },
      { y: "float32" },
    ),
    // Each result is a bfloat16 as it is.
    oracle: [node("Add", ["x", "x"], "sum"), node("Mul", ["sum", "x"], "y")],
  },
  one(
    "CastLike",
    "float to int64",
    { a: f32([2], [1.5, -2]), like: typed("int64", [1]) },
    {
      opset: 19,
      types: ["int64"],
    },
  ),
  one(
    "CastLike",
    "float64 to float16",
    { a: typed("float64", [1.5, 0.1]), like: typed("float16", [1]) },
    {
      opset: 19,
      types: ["float16"],
    },
  ),
  one(
    "CastLike",
    "float to float64",
    { a: f32([2], [1.5, -2]), like: typed("float64", [1]) },
    {
      opset: 19,
      types: ["float64"],
    },
  ),
];

import { chain, inType, node, one, i32, int, random, typed, type OpCase } from "./make-case.ts";
import { f32, i64, type ElementTypeName } from "../onnx-writer.ts";

const dividends = [7, -7, 7, -7, 0, 120, -120];
const divisors = [3, 3, -3, -3, 5, 7, -11];
const unsigned: readonly ElementTypeName[] = ["uint8", "uint16", "uint32", "uint64"];
const signed: readonly ElementTypeName[] = ["int8", "int16", "int32", "int64"];
const bits: Readonly<Record<string, readonly [readonly bigint[], readonly bigint[]]>> = {
  uint8: [[0n, 255n, 170n, 85n], [255n, 15n, 204n, 51n]],
  uint16: [[0n, 65535n, 43690n, 21845n], [65535n, 4080n, 52428n, 1n]],
  uint32: [[0n, 4294967295n, 2863311530n, 123456789n], [4294967295n, 65535n, 3435973836n, 987654321n]],
  uint64: [[0n, 18446744073709551615n, 12297829382473034410n], [18446744073709551615n, 4294967296n, 14757395258967641292n]],
  int8: [[-1n, -128n, 127n, 5n], [-128n, 127n, -2n, -3n]],
  int16: [[-1n, -32768n, 32767n, 5n], [-32768n, 32767n, -2n, -3n]],
  int32: [[-1n, -2147483648n, 2147483647n, 5n], [-2147483648n, 2147483647n, -2n, -3n]],
  int64: [[-1n, -9223372036854775808n, 9223372036854775807n, 5n], [-9223372036854775808n, 12345678901n, -2n, -3n]],
}; // prettier-ignore

/** onnxruntime-node lacks these of 16 bits; they are the low bits of 32. */
function widened(opCase: OpCase, type: ElementTypeName, inputs?: readonly string[]): OpCase {
  if (type === "uint16") return inType(opCase, "uint32", type, inputs);
  return type === "int16" ? inType(opCase, "int32", type, inputs) : opCase;
}

export const integers: readonly OpCase[] = [
  ...signed.map((type) =>
    one(
      "Mod",
      `${type} by the divisor's sign`,
      { a: typed(type, dividends), b: typed(type, divisors) },
      { types: [type] },
    ),
  ),
  ...unsigned.map((type) =>
    one("Mod", type, { a: typed(type, [7, 200, 0]), b: typed(type, [3]) }, { types: [type] }),
  ),
  chain(
    "Mod: of a size, to pad it to a multiple",
    [
      node("Shape", ["x"], "shape"),
      node("Mod", ["shape", "seven"], "over"),
      node("Sub", ["seven", "over"], "missing"),
      node("Mod", ["missing", "seven"], "padding"),
      node("Concat", ["zero", "padding"], "pads", { axis: int(0) }),
      node("Pad", ["x", "pads"], "y"),
    ],
    { x: random([10]), seven: i64([1], [7]), zero: i64([1], [0]) },
    { y: "float32" },
    { constants: ["seven", "zero"] },
  ),
  one(
    "Mod",
    "int64 by the dividend's sign",
    { a: typed("int64", dividends), b: typed("int64", divisors) },
    { types: ["int64"], attributes: { fmod: int(1) } },
  ),
  ...(["float32", "float64"] as const).map((type) =>
    one(
      "Mod",
      `${type} as fmod`,
      {
        a: typed(type, [-4.3, 7.2, 5, 4.3, -7.2, 8, 1e30, -1e-30, 3e38, 1, Infinity, 1, NaN, 0.1]),
        b: typed(type, [2.1, -3.4, 8, -2.1, 3.4, 5, 3, 7e-40, 1.3e-20, Infinity, 2, 0, 1, 0.01]),
      },
      { types: [type], attributes: { fmod: int(1) } },
    ),
  ),
  one(
    "Mod",
    "float16 as fmod",
    {
      a: typed("float16", [0xc44d, 0x4733, 0x7bff]),
      b: typed("float16", [0x4033, 0xc2cd, 0x0401]),
    },
    { types: ["float16"], attributes: { fmod: int(1) } },
  ),
  ...unsigned.flatMap((type) =>
    ["LEFT", "RIGHT"].map((direction) =>
      widened(
        one(
          "BitShift",
          `${type} ${direction}`,
          {
            a: typed(type, bits[type]![0]),
            b: typed(type, [0, 1, 4, 7].slice(0, bits[type]![0].length)),
          },
          { types: [type], attributes: { direction: { text: direction } } },
        ),
        type,
      ),
    ),
  ),
  ...[...unsigned, ...signed].flatMap((type) => [
    ...["BitwiseAnd", "BitwiseOr", "BitwiseXor"].map((op) =>
      one(
        op,
        type,
        { a: typed(type, bits[type]![0]), b: typed(type, bits[type]![1]) },
        { opset: 18, types: [type] },
      ),
    ),
    one("BitwiseNot", type, { a: typed(type, bits[type]![0]) }, { opset: 18, types: [type] }),
  ]),
  one(
    "BitwiseAnd",
    "broadcasts",
    { a: i32([2, 1], [12, 10]), b: i32([3], [7, 8, 255]) },
    { opset: 18, types: ["int32"] },
  ),
  one(
    "Pow",
    "int32 to int32",
    { a: i32([5], [2, -3, 7, 0, 1]), b: i32([5], [10, 3, 0, 5, 30]) },
    { types: ["int32"] },
  ),
  one(
    "Pow",
    "int64 to int64, beyond a double",
    { a: i64([3], [3, -3, 10]), b: i64([3], [30, 31, 18]) },
    { types: ["int64"] },
  ),
  one(
    "Pow",
    "int32 to float",
    { a: i32([4], [3, 9, 2, 10]), b: f32([4], [6, 0.5, 0.1, 9]) },
    { types: ["int32"] },
  ),
  one(
    "Pow",
    "float to int32",
    { a: f32([3], [1.5, -2, 3]), b: i32([3], [2, 3, -1]) },
    { tolerance: 1e-6 },
  ),
  one(
    "Pow",
    "float to uint8, which onnxruntime-node takes as floats",
    { a: f32([3], [1.5, -2, 3]), b: typed("uint8", [2, 3, 4]) },
    {
      oracleOpset: 17,
      oracle: [
        { op: "Cast", inputs: ["b"], outputs: ["e"], attributes: { to: { int: 1 } } },
        { op: "Pow", inputs: ["a", "e"], outputs: ["y0"] },
      ],
    },
  ),
  one(
    "Pow",
    "float64",
    { a: typed("float64", [1.5, 2, 3]), b: typed("float64", [2, 0.5, -1]) },
    { types: ["float64"] },
  ),
  ...(["Max", "Min"] as const).flatMap((op) =>
    [...signed, ...unsigned].map((type) =>
      widened(
        one(
          op,
          type,
          { a: typed(type, [3, 2, 100]), b: typed(type, [1, 4, 99]), c: typed(type, [2]) },
          { types: [type] },
        ),
        type,
      ),
    ),
  ),
  ...(["uint8", "int8", "uint32", "uint64"] as const).flatMap((type) => [
    one("Add", type, { a: typed(type, [3, 100]), b: typed(type, [2, 27]) }, { types: [type] }),
    one("Div", type, { a: typed(type, [7, 100]), b: typed(type, [2, 27]) }, { types: [type] }),
  ]),
  ...[...signed, ...unsigned].map((type) =>
    one(
      "Sign",
      type,
      { a: typed(type, type.startsWith("u") ? [0, 1, 200] : [-5, 0, 7]) },
      { types: [type] },
    ),
  ),
  ...(["uint8", "uint32", "int8", "int16"] as const).map((type) =>
    one(
      "Abs",
      type,
      { a: typed(type, type.startsWith("u") ? [0, 1, 200] : [-5, 0, 7]) },
      { types: [type] },
    ),
  ),
  ...(["int8", "uint8", "int32", "uint32", "int64", "uint64"] as const).flatMap((type) => [
    one(
      "Clip",
      `${type} by constants`,
      { a: typed(type, [0, 5, 100]), low: typed(type, [2], []), high: typed(type, [50], []) },
      { types: [type], constants: ["low", "high"] },
    ),
    {
      ...one(
        "Clip",
        `${type} from above alone`,
        { a: typed(type, [0, 5, 100]), high: typed(type, [50], []) },
        { types: [type] },
      ),
      nodes: [{ op: "Clip", inputs: ["a", "", "high"], outputs: ["y0"] }],
    },
  ]),
  one(
    "Clip",
    "int64 by a bound that no double holds",
    { a: i64([2], [0, 9007199254740995n]), low: i64([], [1]), high: i64([], [9007199254740993n]) },
    { types: ["int64"], constants: ["low", "high"] },
  ),
  ...(["int8", "int16", "uint32", "uint64", "float64", "uint16"] as const).flatMap((type) =>
    (["Equal", "Less", "GreaterOrEqual"] as const).map((op) =>
      one(op, type, { a: typed(type, [1, 2, 3]), b: typed(type, [3, 2, 1]) }, { types: ["bool"] }),
    ),
  ),
  one(
    "Equal",
    "bool",
    { a: typed("bool", [0, 0, 1, 1]), b: typed("bool", [0, 1, 0, 1]) },
    { types: ["bool"] },
  ),
  ...(["uint8", "int16", "float64", "uint64", "bool"] as const).map((type) =>
    inType(
      one(
        "Where",
        type,
        { c: typed("bool", [1, 0]), a: typed(type, [1, 1]), b: typed(type, [0]) },
        { types: [type] },
      ),
      "int64",
      type,
      ["a", "b"],
    ),
  ),
];

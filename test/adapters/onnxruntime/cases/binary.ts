import { one, random, bools, i32, ramp, positive, a23, b3, type OpCase } from "./make-case.ts";
import { f32, i64 } from "../onnx-writer.ts";

export const binary: readonly OpCase[] = [
  one("Add", "broadcasts", { a: random([2, 1, 3]), b: random([4, 1], 2, 9) }),
  one(
    "Add",
    "int64",
    { a: i64([3], [1, -5, 9007199254740993n]), b: i64([1], [2]) },
    { types: ["int64"] },
  ),
  one("Sub", "broadcasts", { a: a23, b: b3 }),
  one("Mul", "broadcasts", { a: a23, b: b3 }),
  one("Mul", "of two vectors, like scales", { a: b3, b: random([1], 2, 8) }),
  one("Div", "broadcasts", { a: a23, b: b3 }),
  one(
    "Div",
    "of int32 rounds towards zero",
    { a: i32([4], [7, -7, 9, -9]), b: i32([1], [2]) },
    { types: ["int32"] },
  ),
  one("Pow", "float", { a: positive, b: f32([], [1.5]) }, { tolerance: 1e-5 }),
  one("Pow", "to an integer", { a: ramp, b: i64([], [2]) }),
  one("Max", "of three", { a: a23, b: b3, c: f32([], [0.1]) }),
  one("Min", "of two", { a: a23, b: b3 }),
  one("Sum", "of three", { a: a23, b: b3, c: a23 }),
  one(
    "Equal",
    "int64",
    { a: i64([4], [1, 2, 3, 4]), b: i64([4], [1, 0, 3, 0]) },
    { types: ["bool"] },
  ),
  one("Less", "float", { a: ramp, b: f32([], [0]) }, { types: ["bool"] }),
  one("LessOrEqual", "float", { a: ramp, b: f32([], [0]) }, { types: ["bool"] }),
  one("Greater", "float", { a: ramp, b: f32([], [0]) }, { types: ["bool"] }),
  one("GreaterOrEqual", "float", { a: ramp, b: f32([], [0]) }, { types: ["bool"] }),
  one(
    "And",
    "bool",
    { a: bools([4], [0, 0, 1, 1]), b: bools([4], [0, 1, 0, 1]) },
    { types: ["bool"] },
  ),
  one(
    "Or",
    "bool",
    { a: bools([4], [0, 0, 1, 1]), b: bools([4], [0, 1, 0, 1]) },
    { types: ["bool"] },
  ),
  one(
    "Xor",
    "bool",
    { a: bools([4], [0, 0, 1, 1]), b: bools([4], [0, 1, 0, 1]) },
    { types: ["bool"] },
  ),
  one("Not", "bool", { a: bools([2], [0, 1]) }, { types: ["bool"] }),
  one("Where", "broadcasts", { c: bools([2, 1], [1, 0]), a: a23, b: f32([], [9]) }),
  one(
    "Where",
    "int64",
    { c: bools([3], [1, 0, 1]), a: i64([3], [1, 2, 3]), b: i64([1], [-1]) },
    { types: ["int64"] },
  ),
];

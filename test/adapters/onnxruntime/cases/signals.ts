import { toHalf } from "../../../../core-webnn/util/half.ts";
import { node, one, random, f64, i32, int, type OpCase } from "./make-case.ts";
import { f32, i64 } from "../onnx-writer.ts";

const loose = { tolerance: 1e-5 };
const windows = ["HannWindow", "HammingWindow", "BlackmanWindow"] as const;

export const signals: readonly OpCase[] = [
  ...windows.flatMap((name) => [
    one(name, "periodic", { n: i64([], [10]) }),
    one(
      name,
      "symmetric",
      { n: i32([], [7]) },
      { constants: ["n"], attributes: { periodic: int(0) } },
    ),
    one(
      name,
      "of float64",
      { n: i64([], [9]) },
      { attributes: { output_datatype: int(11) }, types: ["float64"] },
    ),
  ]),
  one(
    "MelWeightMatrix",
    "eight bands",
    { b: i64([], [8]), d: i64([], [16]), r: i64([], [8192]), l: f32([], [0]), h: f32([], [4096]) },
    { constants: ["b", "d", "r", "l", "h"] },
  ),
  one(
    "MelWeightMatrix",
    "of float16 edges",
    {
      b: i64([], [8]),
      d: i64([], [16]),
      r: i64([], [8192]),
      l: { type: "float16", shape: [], data: [toHalf(64)] },
      h: { type: "float16", shape: [], data: [toHalf(4000)] },
    },
    {
      oracle: [
        node("Cast", ["l"], "low", { to: int(1) }),
        node("Cast", ["h"], "high", { to: int(1) }),
        node("MelWeightMatrix", ["b", "d", "r", "low", "high"], "y0"),
      ],
    },
  ),
  one(
    "MelWeightMatrix",
    "of float64, narrow bands",
    {
      b: i32([], [20]),
      d: i32([], [64]),
      r: i32([], [16000]),
      l: f32([], [20]),
      h: f32([], [7000]),
    },
    { attributes: { output_datatype: int(11) }, types: ["float64"] },
  ),

  one("DFT", "real", { x: random([2, 6, 1]) }, { attributes: { axis: int(1) }, ...loose }),
  one("DFT", "complex", { x: random([2, 5, 2]) }, loose),
  one("DFT", "inverse", { x: random([1, 8, 2]) }, { attributes: { inverse: int(1) }, ...loose }),
  one("DFT", "one side", { x: random([2, 7, 1]) }, { attributes: { onesided: int(1) }, ...loose }),
  one("DFT", "along axis 0", { x: random([4, 3, 2]) }, { attributes: { axis: int(0) }, ...loose }),
  one(
    "DFT",
    "of a longer length",
    { x: random([1, 5, 1]), n: i64([], [8]) },
    { constants: ["n"], ...loose },
  ),
  one("DFT", "of a shorter length", { x: random([1, 9, 2]), n: i64([], [4]) }, loose),
  one("DFT", "of opset 20", { x: random([2, 3, 4, 1]) }, { opset: 20, ...loose }),
  one(
    "DFT",
    "of opset 20 along an axis",
    { x: random([2, 3, 4, 2]), n: i64([], [6]), a: i64([], [-3]) },
    { opset: 20, constants: ["a"], attributes: { inverse: int(1) }, ...loose },
  ),
  one("DFT", "of float64", { x: f64([1, 4, 1], [1, 2, 4, 8]) }, { types: ["float64"] }),
  one(
    "DFT",
    "of float64, one side of a longer length",
    { x: f64([1, 5, 1], [1, 2, 4, 8, 16]), n: i64([], [6]) },
    { types: ["float64"], attributes: { onesided: int(1) } },
  ),

  one(
    "STFT",
    "with a window",
    { x: random([2, 16, 1]), s: i64([], [3]), w: random([6], 1, 3) },
    { constants: ["s"], ...loose },
  ),
  one(
    "STFT",
    "both sides",
    { x: random([1, 16, 1]), s: i64([], [4]), w: random([8], 1, 3) },
    { attributes: { onesided: int(0) }, ...loose },
  ),
  one(
    "STFT",
    "with a length",
    { x: random([1, 20, 1]), s: i64([], [5]), w: random([5], 1, 3), n: i64([], [5]) },
    { constants: ["s", "n", "w"], ...loose },
  ),
  one(
    "STFT",
    "of float64",
    {
      x: f64([1, 8, 1], [1, 2, 3, 5, 8, 13, 21, 34]),
      s: i64([], [2]),
      w: f64([4], [1, 0.5, 0.5, 1]),
    },
    { types: ["float64"] },
  ),
];

/** quantizeLinear and dequantizeLinear: small cases that fuzzing found or that lie next to those. */
import { cases, constant, f32, filled, graphs, input } from "./cases.ts";

/** 3, 8 and 5 where the graph is built for other sizes, too. */
const codes = {
  ...input("uint8", [5, 8, 3], filled(120, 1, { 45: 7 })),
  declared: [
    { name: "a", maxSize: 9 },
    { name: "b", maxSize: 9 },
    { name: "c", maxSize: 9 },
  ],
};

cases("dequantizeLinear", [
  // Blocks of a named size were taken for the whole dimension, and read behind the parameters' end.
  {
    why: "blocks of named sizes",
    input: codes,
    scale: { ...f32([5, 2, 1], filled(10, 2)), declared: [{ name: "a", maxSize: 9 }, 2, 1] },
    zeroPoint: constant("uint8", [5, 2, 1], filled(10, 1, { 3: 9, 9: 61 })),
  },
  {
    why: "blocks of numbers",
    input: input("int8", [4, 6]),
    scale: f32([2, 3], [1, 2, 3, 4, 5, 6]),
    zeroPoint: constant("int8", [2, 3], [0, 1, 2, 3, 4, 5]),
  },
]);

/** The parameters of a code whose zero point is 3 and whose unit is a half. */
const scale = constant("float32", [1, 1], [0.5]);
const zeroPoint = constant("uint8", [1, 1], [3]);

// A group took the decode in, and nothing stored the codes that the product reads.
graphs([
  {
    why: "a product, encoded and decoded, in a product",
    graph: {
      x: f32([4, 8]),
      w: f32([8, 16]),
      v: f32([16, 3]),
      scale,
      zeroPoint,
      sums: ["matmul", { a: "x", b: "w" }],
      codes: ["quantizeLinear", { input: "sums", scale: "scale", zeroPoint: "zeroPoint" }],
      reals: ["dequantizeLinear", { input: "codes", scale: "scale", zeroPoint: "zeroPoint" }],
      y: ["matmul", { a: "reals", b: "v" }],
    },
  },
  {
    why: "a product, cast and decoded, transposed in a product",
    graph: {
      x: f32([4, 8], filled(32, 1)),
      w: f32([8, 16], filled(128, 2, { 5: 1, 77: 4 })),
      v: f32([4, 3]),
      scale,
      zeroPoint,
      sums: ["matmul", { a: "x", b: "w" }],
      codes: ["cast", { input: "sums", dataType: "uint8" }],
      reals: ["dequantizeLinear", { input: "codes", scale: "scale", zeroPoint: "zeroPoint" }],
      turned: ["transpose", { input: "reals" }],
      y: ["matmul", { a: "turned", b: "v" }],
    },
  },
  {
    why: "rows less their least, encoded and decoded, in a product of two encoded",
    graph: {
      x: f32([4, 8]),
      scale,
      zeroPoint,
      w: constant("int8", [8, 3]),
      unit: constant("float32", [1, 1], [2]),
      none: constant("int8", [1, 1], [0]),
      least: ["reduceMin", { input: "x", axes: [1], keepDimensions: true }],
      rest: ["sub", { a: "x", b: "least" }],
      codes: ["quantizeLinear", { input: "rest", scale: "scale", zeroPoint: "zeroPoint" }],
      reals: ["dequantizeLinear", { input: "codes", scale: "scale", zeroPoint: "zeroPoint" }],
      weights: ["dequantizeLinear", { input: "w", scale: "unit", zeroPoint: "none" }],
      y: ["matmul", { a: "reals", b: "weights" }],
    },
  },
  {
    why: "one code for a whole matrix, in a product",
    graph: {
      x: input("uint8", [3, 2], filled(6, 1)),
      one: constant("uint8", [1, 1], [1]),
      scale: f32([1, 1], [1]),
      zeroPoint: constant("uint8", [1, 1], [1]),
      column: f32([16, 1]),
      most: ["reduceMax", { input: "x" }],
      codes: ["logicalXor", { a: "most", b: "one" }],
      reals: ["dequantizeLinear", { input: "codes", scale: "scale", zeroPoint: "zeroPoint" }],
      y: ["matmul", { a: "column", b: "reals" }],
    },
  },
]);

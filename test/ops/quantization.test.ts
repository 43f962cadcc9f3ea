/** quantizeLinear and dequantizeLinear: small cases that fuzzing found or that lie next to those. */
import { cases, constant, f32, filled, input } from "./cases.ts";

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

/** Products of matrices: small cases that fuzzing found or that lie next to those. */
import { cases, f32 } from "./cases.ts";

cases("matmul", [
  // The GPU device took a vector of four for the three columns of a tile.
  { why: "three columns, one step", a: f32([8, 1]), b: f32([1, 3]) },
  { why: "three columns, steps in one vector each", a: f32([8, 4]), b: f32([4, 3]) },
  { why: "two columns, one step", a: f32([8, 1]), b: f32([1, 2]) },
  { why: "four columns, one step", a: f32([8, 1]), b: f32([1, 4]) },
]);

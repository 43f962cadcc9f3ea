/** Reductions: small cases that fuzzing found or that lie next to those. */
import { cases, f16, f32, filled } from "./cases.ts";

cases("reduceProduct", [
  // Reduced row by row, a row's product was infinite, and infinity times 0 is NaN.
  {
    why: "a row too large for a half, and a 0",
    input: f16([3, 7], filled(21, 1, { 2: 0, 14: 7, 15: 6, 16: 6, 17: 6, 18: 6, 19: 5, 20: 4 })),
  },
  { why: "the same in float32", input: f32([3, 7], filled(21, 1, { 2: 0, 14: 7, 15: 6, 16: 6 })) },
]);

cases("reduceSum", [
  {
    why: "rows too large for halves that cancel",
    input: f16([2, 3], [60000, 60000, 60000, -60000, -60000, -59904]),
  },
  { why: "many small ones behind a large one", input: f16([2, 40], filled(80, 1, { 0: 2048 })) },
]);

cases("reduceMax", [{ why: "halves, whole", input: f16([3, 5]) }]);

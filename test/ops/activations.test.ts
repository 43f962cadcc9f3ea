/** Activations: small cases that fuzzing found or that lie next to those. */
import { cases, f16, f32 } from "./cases.ts";

cases("sigmoid", [
  // e^-x overflowed, which made of a subnormal number 0.
  { why: "results below the least normal number", input: f32([5], [-87, -88, -92, -100, -104]) },
  { why: "ends", input: f32([6], [-Infinity, -1e30, -0, 0, 1e30, Infinity]) },
  { why: "halves", input: f16([6], [-20, -17, -8, 8, 17, 20]) },
]);

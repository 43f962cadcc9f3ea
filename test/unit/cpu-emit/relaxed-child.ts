/** Runs all cases with relaxed SIMD, in a process whose engine has it, and prints what failed. */
import { detectFeatures } from "../../../core-webnn/cpu/features.ts";
import { emitCases, failures } from "./emit-cases.ts";

const features = detectFeatures(false);
const { relaxedSimd } = features;
console.log(
  JSON.stringify({ relaxedSimd, count: emitCases().length, failures: failures(features) }),
);

/** Runs all cases with relaxed SIMD, in a process whose engine has it, and prints what failed. */
import { detectFeatures } from "../../../core-webnn/cpu/features.ts";
import { contractCases } from "./contract-cases.ts";
import { buildCase } from "./contract-kernel.ts";
import { failures } from "./run-contract.ts";

const features = detectFeatures(false);
const found = failures(
  contractCases.map((row) => [row.why, buildCase(row)]),
  features,
);
const { relaxedSimd } = features;
console.log(JSON.stringify({ relaxedSimd, count: contractCases.length, failures: found }));

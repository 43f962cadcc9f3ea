/** Runs all cases with relaxed SIMD and each size of tiles, in a process whose engine has it, and prints what failed. */
import { detectFeatures } from "../../../core-webnn/cpu/features.ts";
import { contractCases } from "./contract-cases.ts";
import { buildCase } from "./contract-kernel.ts";
import { failures } from "./run-contract.ts";

const { relaxedSimd } = detectFeatures(false);
const found = [false, true].flatMap((largeTiles) =>
  failures(
    contractCases.map((row) => [row.why, buildCase(row)]),
    { relaxedSimd, largeTiles, threads: false },
  ),
);
console.log(JSON.stringify({ relaxedSimd, count: contractCases.length, failures: found }));

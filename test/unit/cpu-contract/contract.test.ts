import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { detectFeatures } from "../../../core-webnn/cpu/features.ts";
import { contractCases } from "./contract-cases.ts";
import { buildCase } from "./contract-kernel.ts";
import { failures } from "./run-contract.ts";

const plain = { relaxedSimd: false, largeTiles: false, threads: false };

test("matrix kernels give what the interpreter gives", () => {
  assert.deepEqual(
    failures(
      contractCases.map((row) => [row.why, buildCase(row)]),
      plain,
    ),
    [],
  );
});

test("with relaxed SIMD too", () => {
  const child = fileURLToPath(new URL("relaxed-child.ts", import.meta.url));
  // Engines that have it without a flag do not know the flag.
  const flags = detectFeatures(false).relaxedSimd ? [] : ["--experimental-wasm-relaxed-simd"];
  const args = [...flags, "--import", "tsx", child];
  const output = execFileSync(process.execPath, args, { encoding: "utf8" });
  assert.deepEqual(JSON.parse(output), {
    relaxedSimd: true,
    count: contractCases.length,
    failures: [],
  });
});

/**
 * Writes golden/ops.json: what onnxruntime-node, without graph optimisations, makes of the op cases.
 *
 *     npm ci --ignore-scripts --prefix test/peers && node --import ./test/setup/typescript.mjs test/adapters/onnxruntime/make-golden.ts
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Ort from "onnxruntime-common";
import { modelOf, tensorOf, toGolden, type Golden } from "./op-case-model.ts";
import { opCases } from "./op-cases.ts";

const require = createRequire(new URL("../../peers/package.json", import.meta.url));
const ort = require("onnxruntime-node") as typeof Ort;

const golden: Record<string, Golden> = {};
for (const opCase of opCases) {
  try {
    const session = await ort.InferenceSession.create(modelOf(opCase, "numbers"), {
      graphOptimizationLevel: "disabled",
    });
    const fed = Object.entries(opCase.tensors).filter(([name]) => !opCase.constants.includes(name));
    const feeds = Object.fromEntries(fed.map(([name, tensor]) => [name, tensorOf(ort, tensor)]));
    golden[opCase.name] = toGolden(await session.run(feeds));
  } catch (error) {
    console.error(`${opCase.name}: ${(error as Error).message}`);
  }
}
const lines = Object.entries(golden).map(
  ([name, it]) => `${JSON.stringify(name)}: ${JSON.stringify(it)}`,
);
writeFileSync(new URL("golden/ops.json", import.meta.url), `{\n${lines.join(",\n")}\n}\n`);
console.log(`${lines.length} of ${opCases.length} cases`);

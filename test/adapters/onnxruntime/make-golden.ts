/**
 * Writes golden/FAMILY.json: what onnxruntime-node, without graph optimisations, makes of the op cases. Arguments
 * name the families; all of them without.
 *
 *     npm ci --ignore-scripts --prefix test/peers && node --import ./test/setup/typescript.mjs test/adapters/onnxruntime/make-golden.ts [FAMILY…]
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Ort from "onnxruntime-common";
import { modelOf, tensorOf, toGolden, type Golden } from "./op-case-model.ts";
import type { OpCase } from "./cases/make-case.ts";
import { families } from "./op-cases.ts";

const require = createRequire(new URL("../../peers/package.json", import.meta.url));
const ort = require("onnxruntime-node") as typeof Ort;

async function resultsOf(opCase: OpCase): Promise<Golden> {
  const { oracle = opCase.nodes, oracleOpset = opCase.opset } = opCase;
  const model = modelOf({ ...opCase, nodes: oracle, opset: oracleOpset }, "numbers");
  const session = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: "disabled",
  });
  const fed = Object.entries(opCase.tensors).filter(([name]) => !opCase.constants.includes(name));
  const feeds = Object.fromEntries(fed.map(([name, tensor]) => [name, tensorOf(ort, tensor)]));
  return toGolden(await session.run(feeds));
}

const wanted = process.argv.slice(2);
for (const [family, cases] of Object.entries(families)) {
  if (wanted.length > 0 && !wanted.includes(family)) continue;
  const lines: string[] = [];
  for (const opCase of cases) {
    try {
      lines.push(`${JSON.stringify(opCase.name)}: ${JSON.stringify(await resultsOf(opCase))}`);
    } catch (error) {
      console.error(`${opCase.name}: ${(error as Error).message}`);
    }
  }
  writeFileSync(new URL(`golden/${family}.json`, import.meta.url), `{\n${lines.join(",\n")}\n}\n`);
  console.log(`${family}: ${lines.length} of ${cases.length} cases`);
}

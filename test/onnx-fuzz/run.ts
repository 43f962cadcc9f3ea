/**
 * `npm run onnx-fuzz -- [--count N] [--seed S]`: spoils small ONNX files, opens sessions on them and runs those. Each must
 * end in a result or in a typed error, in 10 seconds and bounded memory, and leave the context as it was. Ends with 1 if
 * one did not; `--seed S --count 1` tries it again.
 */
import { parseArgs } from "node:util";
import { runSeeds } from "./run-seeds.ts";

const { values } = parseArgs({
  options: { count: { type: "string", default: "20000" }, seed: { type: "string", default: "1" } },
});
const failures = await runSeeds(Number(values.seed), Number(values.count));
for (const { seed, says } of failures) console.log(`seed ${seed}: ${says}`);
console.log(`${values.count} files, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

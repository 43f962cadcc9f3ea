/**
 * `node --import ./test/setup/typescript.mjs test/fuzz/run.ts [--seconds N] [--seed S] [--nodes N]`:
 * random graphs on all devices until time is up. Prints each graph that fails, with its seed, and
 * exits with 1 if there was one; `--seconds 0 --seed S` runs one again.
 */
import { parseArgs } from "node:util";
import { printGraph } from "../../core-webnn/graph/print.ts";
import { deviceKinds } from "../reference/run-on-devices.ts";
import { checkGraph } from "./check-graph.ts";
import { randomGraph } from "./random-graph.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    nodes: { type: "string", default: "25" },
  },
});
const end = performance.now() + 1000 * Number(values.seconds);
const devices = await Promise.all(
  deviceKinds.map(async ({ name, open }) => ({ name, device: await open() })),
);
let [seed, failed] = [Number(values.seed), 0];
do {
  const random = randomGraph(seed, Number(values.nodes));
  const wrong = await checkGraph(random, devices);
  if (wrong !== undefined) {
    failed++;
    console.log(`seed ${seed}: ${wrong}\n${printGraph(random.graph)}`);
  }
  seed++;
} while (performance.now() < end);
for (const { device } of devices) await device.destroy();
console.log(`${seed - Number(values.seed)} graphs, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * `npm run soak -- --device cpu|gpu [--cycles N] [--builds N] [--contexts N] [--json FILE]`
 *
 * Makes, uses and destroys tensors, graphs and contexts, and exits with 1 if something grows or is left. The cpu
 * device runs twice: in its worker, and on this thread, where its own objects can be counted.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { faultsOf, printReport } from "./report.ts";
import { soak, type DeviceName, type SoakReport } from "./soak.ts";
import { watchProcess } from "./watch-process.ts";

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    cycles: { type: "string", default: "10000" },
    builds: { type: "string", default: "1000" },
    contexts: { type: "string", default: "50" },
    json: { type: "string" },
  },
});

const leftovers = watchProcess();
const reports: Record<string, SoakReport> = {};
const faults: string[] = [];
for (const device of devicesFor(options.device)) {
  const report = await soak({
    device,
    cycles: Number(options.cycles),
    builds: Number(options.builds),
    contexts: Number(options.contexts),
    leftovers,
  });
  reports[device] = report;
  console.log(printReport(device, report));
  faults.push(...faultsOf(device, report));
}
if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(reports, null, 1));
for (const fault of faults) console.log(`FAILED: ${fault}`);
console.log(faults.length === 0 ? "steady" : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

function devicesFor(device: string): readonly DeviceName[] {
  if (device === "cpu") return ["cpu", "cpu inline"];
  if (device === "gpu") return ["gpu"];
  throw new TypeError(`--device ${device}: cpu or gpu`);
}

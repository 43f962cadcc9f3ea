/**
 * `npm run status [-- FILE…]`: writes STATUS.md. Each FILE is what `npm run conformance -- --json FILE` wrote; its counts
 * replace those that `results.json` has of the same device.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { readCases } from "./read-cases.ts";
import { formatted, resultsFile, statusFile, storedSummaries } from "./read-status.ts";
import type { Result } from "./result.ts";
import { statusText, summarise, type Summary } from "./status.ts";

interface Report {
  readonly device: string;
  readonly on: string;
  readonly date: string;
  readonly results: readonly Result[];
}

const cases = readCases() ?? [];
const summaries = new Map(storedSummaries().map((summary) => [summary.device, summary]));
for (const file of process.argv.slice(2)) {
  const { device, on, date, results } = JSON.parse(readFileSync(file, "utf8")) as Report;
  summaries.set(device, summarise({ device, on, date }, results, cases));
}
const order = ["cpu", "gpu", "npu"];
const sorted: readonly Summary[] = [...summaries.values()].sort(
  (a, b) => order.indexOf(a.device) - order.indexOf(b.device),
);
writeFileSync(resultsFile, await formatted(resultsFile, JSON.stringify(sorted)));
writeFileSync(statusFile, await formatted(statusFile, statusText(sorted)));

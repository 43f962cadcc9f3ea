/**
 * `npm run conformance -- --device cpu|gpu|interpreter [--only TEXT] [--json FILE]`
 *
 * Runs the operator cases through the public interface. A case of an op that is not offered yet is
 * skipped, each reason is printed. Last line: `N passed, N failed, N skipped`.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ml, type MLContext } from "../../core-webnn/index.ts";
import { interpreterContext } from "../reference/interpreter-context.ts";
import { conformanceFolder, readCases } from "./read-cases.ts";
import { resultOf, type Result } from "./result.ts";

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    only: { type: "string", default: "" },
    json: { type: "string" },
  },
});

const cases = readCases();
if (cases === undefined) {
  console.log(`skipped: ${conformanceFolder.pathname} is absent`);
  console.log("0 passed, 0 failed, 0 skipped");
} else {
  const context = await openContext(options.device);
  const results: Result[] = [];
  for (const one of cases.filter(({ name }) => name.includes(options.only))) {
    const result = await resultOf(context, one);
    results.push(result);
    if (result.outcome === "failed") console.log(`FAILED ${one.name}: ${result.says}`);
  }
  const count = (outcome: Result["outcome"]): number =>
    results.filter((result) => result.outcome === outcome).length;
  const reasons = new Map<string, number>();
  for (const { outcome, says = "" } of results) {
    if (outcome === "skipped") reasons.set(says, (reasons.get(says) ?? 0) + 1);
  }
  reasons.forEach((times, reason) => console.log(`skipped ${times}: ${reason}`));
  const summary = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  if (options.json) {
    const report = { device: options.device, ...summary, results };
    writeFileSync(options.json, JSON.stringify(report, null, 1));
  }
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  await context.destroy();
  process.exitCode = summary.failed === 0 ? 0 : 1;
}

function openContext(device: string): Promise<MLContext> | MLContext {
  if (device === "interpreter") return interpreterContext();
  if (device !== "cpu" && device !== "gpu") throw new TypeError(`--device ${device}: cpu, gpu or interpreter`); // prettier-ignore
  return ml.createContext({ deviceType: device });
}

/**
 * `npm run conformance -- --device cpu|gpu|interpreter [--browser chromium|firefox|webkit] [--only TEXT] [--json FILE]`
 *
 * Runs the operator cases through the public interface, here or in a page of a browser. A case of an op that is not
 * offered yet is skipped, each reason is printed. Last line: `N passed, N failed, N skipped`.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { extensions, ml, type MLContext } from "../../core-webnn/index.ts";
import { engines, type EngineName } from "../browser/engines.ts";
import { interpreterContext } from "../reference/interpreter-context.ts";
import type { Case } from "./cases.ts";
import { runInBrowser } from "./in-browser.ts";
import { conformanceFolder, readCases } from "./read-cases.ts";
import { resultOf, type Result } from "./result.ts";

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    browser: { type: "string" },
    only: { type: "string", default: "" },
    json: { type: "string" },
  },
});

const cases = readCases();
if (cases === undefined) {
  console.log(`skipped: ${conformanceFolder.pathname} is absent`);
  console.log("0 passed, 0 failed, 0 skipped");
} else {
  await runCases(cases.filter(({ name }) => name.includes(options.only)));
}

async function runCases(cases: readonly Case[]): Promise<void> {
  const results: Result[] = [];
  const onResult = (result: Result): void => {
    results.push(result);
    if (result.outcome === "failed") console.log(`FAILED ${result.name}: ${result.says}`);
  };
  const on =
    options.browser === undefined
      ? await runHere(cases, onResult)
      : await runInEngine(options.browser, cases, onResult);
  report(results, on);
}

/** Gives what the cases ran on. */
async function runHere(
  cases: readonly Case[],
  onResult: (result: Result) => void,
): Promise<string> {
  const context = await openContext(options.device);
  const offered = extensions(context);
  const { description } = offered.dynamicDimensions
    ? await offered.statistics()
    : { description: options.device };
  for (const one of cases) onResult(await resultOf(context, one));
  await context.destroy();
  return `Node ${process.versions.node}, ${description}`;
}

function openContext(device: string): Promise<MLContext> | MLContext {
  if (device === "interpreter") return interpreterContext();
  if (device !== "cpu" && device !== "gpu") throw new TypeError(`--device ${device}: cpu, gpu or interpreter`); // prettier-ignore
  return ml.createContext({ deviceType: device });
}

async function runInEngine(
  browser: string,
  cases: readonly Case[],
  onResult: (result: Result) => void,
): Promise<string> {
  const { device } = options;
  if (!(browser in engines)) throw new TypeError(`--browser ${browser}: ${Object.keys(engines).join(", ")}`); // prettier-ignore
  if (device !== "cpu" && device !== "gpu") throw new TypeError(`--device ${device}: in a browser cpu or gpu`); // prettier-ignore
  const on: string[] = [];
  const onOpen = (...about: (string | undefined)[]): void => {
    on.push(...about.filter((each) => each !== undefined));
    console.log(on.join("\n"));
  };
  await runInBrowser(engines[browser as EngineName], { device }, cases, { onOpen, onResult });
  return on.join(", ");
}

function report(results: readonly Result[], on: string): void {
  const count = (outcome: Result["outcome"]): number =>
    results.filter((result) => result.outcome === outcome).length;
  const reasons = new Map<string, number>();
  for (const { outcome, says = "" } of results) {
    if (outcome === "skipped") reasons.set(says, (reasons.get(says) ?? 0) + 1);
  }
  reasons.forEach((times, reason) => console.log(`skipped ${times}: ${reason}`));
  const summary = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  if (options.json) {
    const { device, browser } = options;
    const about = { device, browser, on, date: new Date().toISOString().slice(0, 10) };
    writeFileSync(options.json, JSON.stringify({ ...about, ...summary, results }, null, 1));
  }
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  process.exitCode = summary.failed === 0 ? 0 : 1;
}

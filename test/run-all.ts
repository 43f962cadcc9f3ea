/**
 * `npm test [-- PATH…]`: everything that must hold. Types, lint, format and the build first, then each `*.test.ts`
 * under test/ in a process of its own, then the conformance cases. With PATHs (parts of file names) only the test
 * files that match, on what `npm run build` made last.
 *
 * A step that fails does not hide those behind it. Skipped tests are listed with their reasons; WEBNN_REQUIRE turns
 * skips into failures (see CONTRIBUTING.md). The last line counts.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** What `node:test` tells of one test. */
interface TestEvent {
  readonly name: string;
  readonly file?: string;
  readonly skip?: string | boolean;
  readonly details: { readonly type?: string };
}

const here = fileURLToPath(new URL("./", import.meta.url));
const root = path.join(here, "..");
const minutes = 60_000;

const filters = process.argv.slice(2);
const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const complaints: string[] = [];

if (filters.length === 0)
  for (const script of ["check", "lint", "format", "build"]) runScript(script);
await runTests(testFiles(filters));
if (filters.length === 0) runConformance("cpu");

for (const complaint of complaints) console.log(complaint);
console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exitCode = tally.failed === 0 ? 0 : 1;

/** Counts as one test. */
function runScript(script: string): void {
  const { status } = spawnSync("npm", ["run", "--silent", script], { cwd: root, stdio: "inherit" });
  count(status === 0, `npm run ${script}`);
}

function testFiles(parts: readonly string[]): string[] {
  return readdirSync(here, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && !file.includes("node_modules"))
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .sort()
    .map((file) => path.join(here, file));
}

async function runTests(files: string[]): Promise<void> {
  // Node counts no files as all files it can find.
  if (files.length === 0) return count(false, `test files that match: ${filters.join(" ")}`);
  const events = run({ files, timeout: 15 * minutes });
  events.on("test:pass", (event: TestEvent) => {
    if (event.details.type === "suite" || isFile(event)) return;
    if (event.skip === undefined) return count(true, event.name);
    tally.skipped++;
    complaints.push(`skipped: ${event.name}: ${event.skip}`);
  });
  events.on("test:fail", (event: TestEvent) => {
    if (event.details.type !== "suite") count(false, `${relative(event.file)}: ${event.name}`);
  });
  const report = events.compose(new spec());
  report.pipe(process.stdout, { end: false });
  await new Promise((resolve, reject) => report.on("end", resolve).on("error", reject));
}

/** A file that says nothing of its tests is told as a test itself. */
function isFile({ name }: TestEvent): boolean {
  return path.isAbsolute(name);
}

/** The cases of the operator suite that the device offers; its last line is the counts. */
function runConformance(device: string): void {
  const args = ["run", "--silent", "conformance", "--", "--device", device];
  const { status, stdout } = spawnSync("npm", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 26,
  });
  process.stdout.write(stdout);
  const counts = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(stdout);
  if (counts === null || (status !== 0 && counts[2] === "0")) {
    return count(false, `npm run conformance (it ended with ${status})`);
  }
  const [passed, failed, skipped] = counts.slice(1).map(Number);
  tally.passed += passed!;
  tally.failed += failed!;
  tally.skipped += skipped!;
  if (failed! > 0) complaints.push(`FAILED: ${failed} conformance cases on ${device}`);
}

function count(hasPassed: boolean, name: string): void {
  tally[hasPassed ? "passed" : "failed"]++;
  if (!hasPassed) complaints.push(`FAILED: ${name}`);
}

function relative(file: string | undefined): string {
  return file === undefined ? "test" : path.relative(here, file);
}

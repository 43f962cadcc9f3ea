/** The core's own tests once more, on Node 24: with Float16Array and relaxed SIMD, which Node 20 lacks. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { missing, newerNode } from "./models/whisper/requirements.ts";

const setup = new URL("setup/typescript.mjs", import.meta.url).href;
const runAll = fileURLToPath(new URL("run-all.ts", import.meta.url));

test("the core's tests pass on Node 24", { skip: missing("node24") }, async (t) => {
  assert.match(await run(["--version"]), /^v24\./);
  const output = await run(["--import", setup, runAll, "unit/", "ops/"]);
  const complaints = output.split("\n").filter((line) => line.startsWith("FAILED: "));
  assert.deepEqual(complaints, []);
  const counts = /(\d+) passed, 0 failed, \d+ skipped\s*$/.exec(output);
  assert.ok(counts !== null, output.slice(-2000));
  assert.ok(Number(counts[1]) > 500, counts[0]);
  t.diagnostic(counts[0]);
});

/** What it wrote, however it ended. */
function run(args: readonly string[]): Promise<string> {
  // The runner of this test would take a child's tests for its own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(newerNode, args, { env, maxBuffer: 2 ** 26 }, (_, stdout) => resolve(stdout));
  });
}

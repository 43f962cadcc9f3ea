/** The short form of `npm run soak`, and that its judgement sees what grows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { missing } from "../models/whisper/requirements.ts";
import { faultsOf, printReport } from "./report.ts";
import { soak } from "./soak.ts";
import { steadinessOf } from "./steadiness.ts";
import { watchProcess } from "./watch-process.ts";

const leftovers = watchProcess();

for (const [device, builds, skip] of [
  ["cpu", 50, false],
  ["cpu inline", 50, false],
  ["gpu", 25, missing("gpu")],
] as const) {
  test(`the ${device} device`, { skip }, async (t) => {
    const report = await soak({ device, cycles: 250, builds, contexts: 2, leftovers });
    t.diagnostic(printReport(device, report));
    assert.deepEqual(faultsOf(device, report), []);
  });
}

test("what grows in the last half is seen, and what grew before is not", () => {
  const grown = [10, 20, 100, 100, 101, 103].map((bytes) => ({ bytes }));
  const [row] = steadinessOf(grown);
  assert.deepEqual(row, {
    measure: "bytes",
    first: 10,
    low: 100,
    high: 103,
    deviation: 3 / 203,
  });
});

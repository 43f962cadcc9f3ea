/** STATUS.md says what the rows say, and what the last results were. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { standardRows } from "../../core-webnn/ops/table.ts";
import { missing } from "../models/whisper/requirements.ts";
import { readCases } from "./read-cases.ts";
import { formatted, statusFile, storedSummaries } from "./read-status.ts";
import { statusText, summarise, typeOfCase } from "./status.ts";

test("STATUS.md is current: npm run status", async () => {
  const expected = await formatted(statusFile, statusText(storedSummaries()));
  assert.equal(readFileSync(statusFile, "utf8"), expected);
});

test("the stored results are of both devices, and nothing failed", () => {
  const summaries = storedSummaries();
  assert.deepEqual(
    summaries.map(({ device, failed }) => [device, failed]),
    [
      ["cpu", 0],
      ["gpu", 0],
    ],
  );
});

test("results are counted by op and type of the main operand", () => {
  const about = { device: "cpu", on: "here", date: "today" };
  const inputs = { x: { dataType: "int8", shape: [1], data: [1] } } as const;
  const operators = [{ name: "abs", arguments: [{ input: "x" }], outputs: "y" }];
  const graph = { inputs, operators, expectedOutputs: {} };
  const tolerance = { metricType: "ULP", value: 0 } as const;
  const one = { op: "abs", name: "one", required: true, tolerance, graph } as const;
  const two = { ...one, name: "two" };
  const results = [
    { op: "abs", name: "one", outcome: "passed" },
    { op: "abs", name: "two", outcome: "skipped", says: "late" },
  ] as const;
  const summary = summarise(about, results, [one, two]);
  assert.deepEqual(summary.counts, { abs: { int8: 1 } });
  assert.deepEqual(summary.skipped, { late: 1 });
});

test("cases of one op have a data type", { skip: missing("shared") }, () => {
  const ops = new Set(standardRows.map(({ name }) => name));
  const without = readCases()!.filter((one) => ops.has(one.op) && typeOfCase(one) === undefined);
  assert.deepEqual(
    without.map(({ name }) => name),
    [],
  );
});

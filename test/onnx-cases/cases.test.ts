/**
 * ONNX's operator cases on the CPU device: those of inference on numbers pass, and what is left out is refused by a
 * typed error when the session is made.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as ort from "../../adapters/onnxruntime/index.ts";
import { ml } from "../../core-webnn/index.ts";
import { missing } from "../models/whisper/requirements.ts";
import { listCases } from "./cases.ts";
import { resultOf, type Result } from "./run-case.ts";

test("ONNX's operator cases on the CPU", { skip: missing("onnx-cases") }, async (t) => {
  const context = await ml.createContext({ deviceType: "cpu" });
  const executionProviders = [{ name: "webnn", context }] as unknown as ["cpu"];
  const runtime = { ort, options: { executionProviders }, isOurs: true };
  const results: Result[] = [];
  for (const one of listCases()!) results.push(await resultOf(runtime, one));
  context.destroy();
  const passed = results.filter(({ outcome }) => outcome === "passed");
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const left = results.filter(({ outcome }) => outcome === "skipped");
  t.diagnostic(`${passed.length} passed, ${failed.length} failed, ${left.length} left out`);
  assert.deepEqual(
    failed.map(({ name, says }) => `${name}: ${says}`),
    [],
  );
  assert.ok(passed.length > 1000, `${passed.length} passed`);
});

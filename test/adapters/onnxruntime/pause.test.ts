import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseEvery } from "../../../adapters/onnxruntime/convert/pause.ts";

test("a thread's other tasks get their turn once the time is over, and not before", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++);
  const patient = pauseEvery(60_000);
  for (let part = 0; part < 1000; part++) await patient();
  assert.equal(turns, 0);
  const hasty = pauseEvery(0);
  for (let part = 0; part < 10; part++) await hasty();
  clearInterval(timer);
  assert.ok(turns > 0);
});

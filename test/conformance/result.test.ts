/** Which cases are left out: those that opSupportLimits() says cannot be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuLikeFacts } from "../reference/interpreter-device.ts";
import { interpreterContext } from "../reference/interpreter-context.ts";
import type { Case } from "./cases.ts";
import { resultOf } from "./result.ts";

const tensor = { dataType: "float32", shape: [3], data: [1, 2, 3] } as const;
const negation: Case = {
  op: "neg",
  name: "three numbers",
  required: true,
  tolerance: { metricType: "ULP", value: 0 },
  graph: {
    inputs: { x: tensor },
    operators: [{ name: "neg", arguments: [{ input: "x" }], outputs: "y" }],
    expectedOutputs: { y: { ...tensor, data: [-1, -2, -3] } },
  },
};

test("a case passes, or fails and says why", async () => {
  const context = interpreterContext();
  assert.equal((await resultOf(context, negation)).outcome, "passed");
  const { graph } = negation;
  const wrong = { ...negation, graph: { ...graph, expectedOutputs: { y: tensor } } };
  const { outcome, says } = await resultOf(context, wrong);
  assert.equal(outcome, "failed");
  assert.match(says ?? "", /^y\[0\] is -1, not 1/);
});

test("a case with a tensor that the device cannot hold is skipped", async () => {
  const context = interpreterContext({ ...cpuLikeFacts, maxTensorByteLength: 11 });
  const { outcome, says } = await resultOf(context, negation);
  assert.equal(outcome, "skipped");
  assert.equal(says, "a tensor of 12 bytes, and maxTensorByteLength is 11");
});

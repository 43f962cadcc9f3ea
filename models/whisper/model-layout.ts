/**
 * What the pipeline must know of a model: sizes from its `config.json`, and that its sessions are those of a Whisper
 * as Optimum and transformers.js export it, with a merged decoder and key and value tensors for each layer.
 */
import { WhisperError } from "./errors.ts";
import type { OrtSession } from "./ort.ts";

export interface ModelLayout {
  readonly melCount: number;
  readonly headCount: number;
  readonly headLength: number;
  /** Tokens that fit the decoder: prompt and transcript. */
  readonly maxTokens: number;
  readonly cache: CacheNames;
}

/** Names without their prefixes `past_key_values.` and `present.`, such as `0.decoder.key`. */
export interface CacheNames {
  /** Keys and values of the audio: the decoder's first run makes them, later runs only read them. */
  readonly encoder: readonly string[];
  /** Keys and values of the text: longer by a token with each run. */
  readonly decoder: readonly string[];
}

export const pastPrefix = "past_key_values.";
export const presentPrefix = "present.";

export function readLayout(config: object): ModelLayout {
  const headCount = readCount(config, "decoder_attention_heads");
  const layers = readCount(config, "decoder_layers");
  return {
    melCount: readCount(config, "num_mel_bins"),
    headCount,
    headLength: readCount(config, "d_model") / headCount,
    maxTokens: readCount(config, "max_target_positions"),
    cache: { encoder: cacheNames("encoder", layers), decoder: cacheNames("decoder", layers) },
  };
}

export function checkSessions(
  encoder: OrtSession,
  decoder: OrtSession,
  { cache }: ModelLayout,
): void {
  const cacheTensors = [...cache.encoder, ...cache.decoder];
  const pasts = cacheTensors.map((name) => pastPrefix + name);
  const presents = cacheTensors.map((name) => presentPrefix + name);
  requireNames("encoder's inputs", encoder.inputNames, ["input_features"]);
  requireNames("encoder's outputs", encoder.outputNames, ["last_hidden_state"]);
  requireNames("decoder's inputs", decoder.inputNames, [...decoderInputs, ...pasts]);
  requireNames("decoder's outputs", decoder.outputNames, ["logits", ...presents]);
  requireFloat(encoder, "encoder's input_features", "input_features");
  for (const past of pasts) requireFloat(decoder, `decoder's ${past}`, past);
}

const decoderInputs = ["input_ids", "encoder_hidden_states", "use_cache_branch"];

function cacheNames(part: "encoder" | "decoder", layers: number): string[] {
  return Array.from({ length: layers }, (_, i) => [
    `${i}.${part}.key`,
    `${i}.${part}.value`,
  ]).flat();
}

function requireNames(where: string, names: readonly string[], needed: readonly string[]): void {
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length === 0) return;
  throw wrongModel(`the ${where} lack ${missing.join(", ")}; they are ${names.join(", ")}`);
}

/** Runtimes that tell no types are taken at their word. */
function requireFloat(session: OrtSession, where: string, input: string): void {
  const metadata = session.inputMetadata?.find(({ name }) => name === input);
  if (metadata === undefined || !metadata.isTensor || metadata.type === "float32") return;
  throw wrongModel(`the ${where} is ${metadata.type}; only float32 is supported`);
}

function readCount(config: object, name: string): number {
  const value = (config as Readonly<Record<string, unknown>>)[name];
  if (Number.isInteger(value) && (value as number) > 0) return value as number;
  throw wrongModel(`config.json: ${name} is ${JSON.stringify(value)}, not a positive whole number`);
}

function wrongModel(message: string): WhisperError {
  return new WhisperError("wrong-model", message);
}

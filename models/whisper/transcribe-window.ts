/** Hears one window of at most 30 s: features, encoder, then greedy decoding until the model says that it is done. */
import { Decoding } from "./decoding.ts";
import { createDetokenizer } from "./detokenizer.ts";
import type { LogMel } from "./log-mel.ts";
import { frameCount } from "./log-mel.ts";
import type { ModelLayout } from "./model-layout.ts";
import type { OrtLike, OrtSession, OrtTensor } from "./ort.ts";
import { pickLanguage } from "./pick-token.ts";
import type { TokenPicker } from "./pick-token.ts";
import { promptTokens } from "./vocabulary.ts";
import type { Task, Vocabulary } from "./vocabulary.ts";
import type { SpokenToken, Timings } from "./transcript.ts";

export interface Listener {
  readonly ort: OrtLike;
  readonly encoder: OrtSession;
  readonly decoder: OrtSession;
  readonly layout: ModelLayout;
  readonly vocabulary: Vocabulary;
  readonly logMel: LogMel;
  readonly picker: TokenPicker;
  readonly synchronize: () => Promise<unknown>;
}

export interface WindowOptions {
  /** Absent: to be detected. */
  readonly language: string | undefined;
  readonly task: Task;
  readonly maxTokens: number;
  readonly onToken: ((token: SpokenToken) => void) | undefined;
  /** Awaited between the stages and before each token: lets other tasks run, and rejects if one of them ended this. */
  readonly checkpoint: () => Promise<void>;
}

export interface Heard {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly language: string | undefined;
  readonly timings: Timings;
}

/**
 * Below -72 dB of full scale throughout there is nothing to hear, but Whisper would imagine something: it was
 * trained on subtitles, and answers silence with " you" or " Thank you."
 */
const silentPeak = 2 ** -12;

export async function transcribeWindow(
  listener: Listener,
  samples: Float32Array,
  options: WindowOptions,
): Promise<Heard> {
  if (samples.every((sample) => Math.abs(sample) < silentPeak)) {
    const timings = { features: 0, encode: 0, decode: 0, firstToken: 0 };
    return { text: "", tokenIds: [], language: options.language, timings };
  }

  const begin = now();
  const features = listener.logMel.compute(samples);
  await options.checkpoint();
  const featured = now();
  const encoded = await encode(listener, features);
  try {
    await listener.synchronize();
    await options.checkpoint();
    const encodedAt = now();
    const language = options.language ?? (await detectLanguage(listener, encoded));
    const prompt = promptTokens(listener.vocabulary, language, options.task);
    const { firstTokenAt, ...spoken } = await decode(listener, encoded, prompt, options);
    const timings = {
      features: featured - begin,
      encode: encodedAt - featured,
      decode: now() - encodedAt,
      firstToken: firstTokenAt - encodedAt,
    };
    return { ...spoken, language, timings };
  } finally {
    encoded.dispose();
  }
}

async function encode(listener: Listener, features: Float32Array): Promise<OrtTensor> {
  const { ort, encoder, logMel } = listener;
  const input = new ort.Tensor("float32", features, [1, logMel.melCount, frameCount]);
  const outputs = await encoder.run({ input_features: input }, ["last_hidden_state"]);
  return outputs["last_hidden_state"] as OrtTensor;
}

/** Undefined for a model that knows English only. */
async function detectLanguage(listener: Listener, encoded: OrtTensor): Promise<string | undefined> {
  const { languages, start } = listener.vocabulary;
  if (languages.size === 0) return undefined;
  const decoding = new Decoding(listener, encoded);
  try {
    return pickLanguage(await decoding.start([start]), languages);
  } finally {
    decoding.dispose();
  }
}

interface Spoken extends Pick<Heard, "text" | "tokenIds"> {
  readonly firstTokenAt: number;
}

async function decode(
  listener: Listener,
  encoded: OrtTensor,
  prompt: readonly number[],
  { maxTokens, onToken, checkpoint }: WindowOptions,
): Promise<Spoken> {
  const { vocabulary, picker, layout } = listener;
  const detokenizer = createDetokenizer(vocabulary.tokenizer);
  const limit = Math.min(maxTokens, layout.maxTokens - prompt.length);
  const tokenIds: number[] = [];
  const texts: string[] = [];
  const decoding = new Decoding(listener, encoded);
  try {
    let begin = now();
    let id = picker.pick(await decoding.start(prompt), true);
    const firstTokenAt = now();
    while (id !== vocabulary.end) {
      const text = detokenizer.push(id);
      tokenIds.push(id);
      texts.push(text);
      const end = now();
      onToken?.({ id, text, seconds: end - begin });
      begin = end;
      if (tokenIds.length === limit) break;
      await checkpoint();
      id = picker.pick(await decoding.next(id), false);
    }
    return { text: texts.join(""), tokenIds, firstTokenAt };
  } finally {
    decoding.dispose();
  }
}

function now(): number {
  return performance.now() / 1000;
}

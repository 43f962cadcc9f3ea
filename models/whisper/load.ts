/** Loads a Whisper: files, tokenizer, sessions, in this order, so that what is cheap to check fails first. */
import { checkSessions, presentPrefix, readLayout } from "./model-layout.ts";
import type { ModelLayout } from "./model-layout.ts";
import type {
  DataLocation,
  ExecutionProviders,
  OrtLike,
  OrtSession,
  SessionOptions,
} from "./ort.ts";
import { loadBytes, loadJson } from "./source.ts";
import type { BinarySource, JsonSource, LoadOptions } from "./source.ts";
import { createVocabulary } from "./vocabulary.ts";
import { Whisper } from "./whisper.ts";

export interface WhisperFiles {
  /** `encoder_model*.onnx` */
  readonly encoder: BinarySource;
  /** `decoder_model_merged*.onnx` */
  readonly decoder: BinarySource;
  /** `tokenizer.json` */
  readonly tokenizer: JsonSource;
  /** `tokenizer_config.json` */
  readonly tokenizerConfig: JsonSource;
  /** `config.json` */
  readonly config: JsonSource;
  /** `generation_config.json` */
  readonly generationConfig: JsonSource;
}

export interface LoadWhisperOptions extends WhisperFiles, LoadOptions {
  /** The runtime: `webnn-anywhere/onnxruntime`, `onnxruntime-web` or `onnxruntime-node`. */
  readonly ort: OrtLike;
  readonly executionProviders?: ExecutionProviders;
  /** Passed on to both sessions. */
  readonly sessionOptions?: SessionOptions;
  /**
   * Where the encoder's output and the decoder's cache stay between runs: "ml-tensor" or "gpu-buffer" if the runtime
   * can feed back what lies on its device. The default, "cpu", every runtime can.
   */
  readonly cacheLocation?: DataLocation;
  /**
   * Resolves when the runtime has done what it was given so far. Where a result stays on the device, `run` resolves
   * before the work is done; with this, `timings.encode` holds the encoder's time nevertheless.
   */
  readonly synchronize?: () => Promise<unknown>;
}

export async function loadWhisper(options: LoadWhisperOptions): Promise<Whisper> {
  const { ort, synchronize = async () => undefined } = options;
  options.signal?.throwIfAborted();
  const { models, json } = await loadFiles(options);
  const vocabulary = createVocabulary(json);
  const layout = readLayout(json.config);
  const { encoder, decoder } = await createSessions(options, models, layout);
  return new Whisper({ ort, encoder, decoder, vocabulary, layout, synchronize });
}

interface Models {
  readonly encoder: Uint8Array;
  readonly decoder: Uint8Array;
}

async function loadFiles(options: LoadWhisperOptions) {
  const json = (name: "tokenizer" | "tokenizerConfig" | "config" | "generationConfig") =>
    loadJson(name, options[name], options);
  const [encoder, decoder, tokenizer, tokenizerConfig, config, generationConfig] =
    await Promise.all([
      loadBytes("encoder", options.encoder, options),
      loadBytes("decoder", options.decoder, options),
      json("tokenizer"),
      json("tokenizerConfig"),
      json("config"),
      json("generationConfig"),
    ]);
  return {
    models: { encoder, decoder },
    json: { tokenizer, tokenizerConfig, config, generationConfig },
  };
}

interface Sessions {
  readonly encoder: OrtSession;
  readonly decoder: OrtSession;
}

/** One after the other: onnxruntime-web refuses to open two sessions at once on some providers. */
async function createSessions(
  options: LoadWhisperOptions,
  models: Models,
  layout: ModelLayout,
): Promise<Sessions> {
  const { InferenceSession } = options.ort;
  const { cache } = layout;
  const presents = [...cache.encoder, ...cache.decoder].map((name) => presentPrefix + name);
  const created: OrtSession[] = [];
  try {
    for (const [model, kept] of [
      [models.encoder, ["last_hidden_state"]],
      [models.decoder, presents],
    ] as const) {
      created.push(await InferenceSession.create(model, sessionOptions(options, kept)));
      options.signal?.throwIfAborted();
    }
    const [encoder, decoder] = created as [OrtSession, OrtSession];
    checkSessions(encoder, decoder, layout);
    return { encoder, decoder };
  } catch (error) {
    for (const session of created) await session.release();
    throw error;
  }
}

function sessionOptions(
  options: LoadWhisperOptions,
  keptOutputs: readonly string[],
): SessionOptions {
  const { executionProviders, cacheLocation } = options;
  return {
    ...options.sessionOptions,
    ...(executionProviders === undefined ? {} : { executionProviders }),
    ...(cacheLocation === undefined || cacheLocation === "cpu"
      ? {}
      : {
          preferredOutputLocation: Object.fromEntries(
            keptOutputs.map((name) => [name, cacheLocation]),
          ),
        }),
  };
}

/**
 * A loaded Whisper: transcribes audio of any length, rate and number of channels.
 *
 * Transcriptions of one Whisper run one after the other, in the order of the calls. It owns two sessions until
 * `dispose()`, which ends what is running.
 */
import { toMono16k } from "./audio.ts";
import type { AudioInput } from "./audio.ts";
import { WhisperError } from "./errors.ts";
import { nextTask } from "./next-task.ts";
import { createLogMel, sampleRate } from "./log-mel.ts";
import type { ModelLayout } from "./model-layout.ts";
import type { OrtLike, OrtSession } from "./ort.ts";
import { createTokenPicker } from "./pick-token.ts";
import { transcribeWindow } from "./transcribe-window.ts";
import type { Heard, Listener, WindowOptions } from "./transcribe-window.ts";
import type { Segment, Timings, TranscribeOptions, Transcript } from "./transcript.ts";
import { checkRequest } from "./vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { splitWindows } from "./windows.ts";

export interface WhisperParts {
  readonly ort: OrtLike;
  readonly encoder: OrtSession;
  readonly decoder: OrtSession;
  readonly vocabulary: Vocabulary;
  readonly layout: ModelLayout;
  readonly synchronize: () => Promise<unknown>;
}

export class Whisper {
  readonly #parts: WhisperParts;
  readonly #listener: Listener;
  readonly #disposal = new AbortController();
  /** Settles when all transcriptions so far are over. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: WhisperParts) {
    this.#parts = parts;
    this.#listener = {
      ...parts,
      logMel: createLogMel(parts.layout.melCount),
      picker: createTokenPicker(parts.vocabulary),
    };
  }

  /** Codes of the languages this model knows; empty if English only. */
  get languages(): readonly string[] {
    return [...this.#parts.vocabulary.languages.keys()];
  }

  transcribe(audio: AudioInput, options: TranscribeOptions = {}): Promise<Transcript> {
    const transcript = this.#last.then(() => this.#transcribe(audio, options));
    this.#last = transcript.catch(() => undefined);
    return transcript;
  }

  async dispose(): Promise<void> {
    if (this.#disposal.signal.aborted) return;
    this.#disposal.abort(new WhisperError("disposed", "this Whisper has been disposed of"));
    await this.#last;
    await this.#parts.encoder.release();
    await this.#parts.decoder.release();
  }

  async #transcribe(audio: AudioInput, options: TranscribeOptions): Promise<Transcript> {
    const windowOptions = this.#windowOptions(options);
    await windowOptions.checkpoint();
    const samples = toMono16k(audio);
    const spans = splitWindows(samples);
    const totalSeconds = samples.length / sampleRate;
    const heard: Heard[] = [];
    let { language } = options;
    options.onProgress?.({ doneSeconds: 0, totalSeconds });
    for (const { start, end } of spans) {
      const window = samples.subarray(start, end);
      const result = await transcribeWindow(this.#listener, window, { ...windowOptions, language });
      heard.push(result);
      language = result.language;
      options.onProgress?.({ doneSeconds: end / sampleRate, totalSeconds });
    }
    const segments = heard.map(({ text, tokenIds }, i) => ({
      startSeconds: spans[i]!.start / sampleRate,
      endSeconds: spans[i]!.end / sampleRate,
      text,
      tokenIds,
    }));
    return { ...joinSegments(segments, heard), ...(language === undefined ? {} : { language }) };
  }

  #windowOptions(options: TranscribeOptions): WindowOptions {
    const { task = "transcribe", maxTokens = Infinity, onToken, signal } = options;
    if (!(maxTokens >= 1)) {
      throw new WhisperError("bad-option", `maxTokens is ${maxTokens}; expected 1 or more`);
    }
    checkRequest(this.#parts.vocabulary, options.language, task);
    const checkpoint = async () => {
      await nextTask();
      this.#disposal.signal.throwIfAborted();
      signal?.throwIfAborted();
    };
    return { language: options.language, task, maxTokens, onToken, checkpoint };
  }
}

function joinSegments(segments: readonly Segment[], heard: readonly Heard[]) {
  const tokenIds = segments.flatMap((segment) => segment.tokenIds);
  const total = (stage: keyof Timings) =>
    heard.reduce((sum, { timings }) => sum + timings[stage], 0);
  const timings = {
    features: total("features"),
    encode: total("encode"),
    decode: total("decode"),
    firstToken: total("firstToken"),
  };
  const steadySeconds = timings.decode - timings.firstToken;
  return {
    text: segments.map(({ text }) => text).join(""),
    tokenIds,
    segments,
    audioSeconds: segments.at(-1)!.endSeconds,
    timings,
    tokensPerSecond: steadySeconds === 0 ? 0 : tokenIds.length / steadySeconds,
  };
}

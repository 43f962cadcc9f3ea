/**
 * Whisper, OpenAI's speech recognition, on any runtime with ONNX Runtime's API.
 *
 *     import * as ort from "webnn-anywhere/onnxruntime";
 *     import { loadWhisper, readWav } from "webnn-anywhere/models/whisper";
 *     const whisper = await loadWhisper({ ort, encoder, decoder, tokenizer, … });
 *     const { text } = await whisper.transcribe(readWav(bytes), { onToken: ({ text }) => show(text) });
 */
export { loadWhisper } from "./load.ts";
export type { LoadWhisperOptions, WhisperFiles } from "./load.ts";
export type { BinarySource, JsonSource, LoadProgress } from "./source.ts";
export { Whisper } from "./whisper.ts";
export type {
  Segment,
  SpokenToken,
  Timings,
  TranscribeOptions,
  TranscribeProgress,
  Transcript,
} from "./transcript.ts";
export type { Task } from "./vocabulary.ts";
export type { Audio, AudioInput } from "./audio.ts";
export type { OrtLike } from "./ort.ts";
export { readWav } from "./read-wav.ts";
export { WhisperError } from "./errors.ts";
export type { WhisperErrorCode } from "./errors.ts";

/** What a caller asks of a transcription and gets from it. */
import type { Task } from "./vocabulary.ts";

export interface TranscribeOptions {
  /** A code such as "en". When none is given, the first 30 s tell. */
  readonly language?: string;
  /** "translate" is into English. Default: "transcribe". */
  readonly task?: Task;
  /** Most tokens for each 30 s of audio. Default: what fits the model. */
  readonly maxTokens?: number;
  /** Called for each token as it is decoded; the texts joined are the transcript. */
  readonly onToken?: (token: SpokenToken) => void;
  /** Called before the first and after each window of audio. */
  readonly onProgress?: (progress: TranscribeProgress) => void;
  /** Ends the transcription at the next token; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface SpokenToken {
  readonly id: number;
  /** The text this token completes; empty while a character is unfinished. */
  readonly text: string;
  /** How long it took to decode. */
  readonly seconds: number;
}

export interface TranscribeProgress {
  readonly doneSeconds: number;
  readonly totalSeconds: number;
}

export interface Transcript {
  readonly text: string;
  /** Without the prompt and the tokens that end a window. */
  readonly tokenIds: readonly number[];
  /** The language given or detected; absent for a model that knows English only. */
  readonly language?: string;
  /** One for each window of audio. */
  readonly segments: readonly Segment[];
  readonly audioSeconds: number;
  /** Where the time went, in seconds. */
  readonly timings: Timings;
  /** Once the first one of a window is there: that one takes the prompt's time too. */
  readonly tokensPerSecond: number;
}

export interface Segment {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly text: string;
  readonly tokenIds: readonly number[];
}

export interface Timings {
  readonly features: number;
  readonly encode: number;
  readonly decode: number;
  /** The part of `decode` up to the first token of each window: hearing the language, and reading the prompt. */
  readonly firstToken: number;
}

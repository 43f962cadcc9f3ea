/** What the page and its worker say to each other. Plain data; buffers are transferred. */
import type { Audio } from "../../models/whisper/index.ts";
import type { RuntimeReport } from "../cli/webnn-runtime.ts";

export type ToWorker = TranscribeRequest | { readonly kind: "cancel" };

export interface TranscribeRequest {
  readonly kind: "transcribe";
  readonly recording: Recording;
  readonly device: DeviceChoice;
  /** Absent: to be heard. */
  readonly language?: string;
  readonly task: "transcribe" | "translate";
}

export type Recording =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "wav"; readonly bytes: ArrayBuffer }
  | { readonly kind: "audio"; readonly audio: Audio };

export interface DeviceChoice {
  readonly deviceType: "cpu" | "gpu";
  readonly numThreads: number;
}

export type ToPage =
  | { readonly kind: "loading"; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly kind: "preparing" }
  | { readonly kind: "listening"; readonly doneSeconds: number; readonly totalSeconds: number }
  | { readonly kind: "token"; readonly text: string }
  | { readonly kind: "done"; readonly result: Result }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly message: string };

/** What the worker knows of a finished transcription. Times in seconds. */
export interface Result extends RuntimeReport {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly language: string | null;
  readonly audioSeconds: number;
  readonly seconds: {
    /** Null where the model was loaded before. */
    readonly load: number | null;
    readonly encode: number;
    readonly decode: number;
    /** The part of `decode` up to the first token. */
    readonly firstToken: number;
  };
  readonly tokensPerSecond: number;
  readonly loadedBytes: LoadedBytes;
}

export interface LoadedBytes {
  readonly model: number;
  /** Scripts of the worker and what it started. */
  readonly code: number;
}

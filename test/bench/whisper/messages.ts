/** What the driver asks a page's worker to measure, and what it answers. */
export interface Task {
  readonly runtime: "webnn-anywhere" | "onnxruntime-web";
  readonly threads: number;
  readonly clip: string;
  /** Transcriptions after one another; the first is cold. */
  readonly runs: number;
}

export interface Measured {
  /** From the start of the worker to sessions that can be run, files from localhost included. */
  readonly loadMs: number;
  readonly runs: readonly {
    readonly encodeMs: number;
    /** Between tokens, the first aside. */
    readonly tokenMs: readonly number[];
    readonly tokenIds: readonly number[];
  }[];
  readonly threads: number;
}

export type Answer = { readonly measured: Measured } | { readonly error: string };

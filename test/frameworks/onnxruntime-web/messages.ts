/** What tests ask of the page, and what it answers. */
import type { Bundle } from "./page/open.ts";
import type { Placements } from "./placements.ts";

interface Asked {
  readonly bundle: Bundle;
  /** Of ORT's own wasm; above 1 its heap is shared memory. */
  readonly threads: number;
  readonly deviceType: "cpu" | "gpu";
}

export interface DigitTask extends Asked {
  readonly kind: "digit";
  readonly model: string;
  readonly picture: string;
}

export interface TextLineTask extends Asked {
  readonly kind: "text line";
  readonly model: string;
  /** The model that ORT's own kernels run. */
  readonly oracle: string;
  readonly picture: string;
  readonly keys: string;
}

export interface SpeechTask extends Asked {
  readonly kind: "speech";
  readonly clip: string;
}

export interface StoryTask extends Asked {
  readonly kind: "story";
  readonly model: string;
  readonly tokenizer: string;
  readonly tokens: number;
}

/** A case of the adapter's or of our own for ORT's provider, by its name. */
export interface OperatorTask extends Asked {
  readonly kind: "operator";
  readonly name: string;
}

export type Task = DigitTask | TextLineTask | SpeechTask | StoryTask | OperatorTask;

/** A task but for the runtime that is asked. */
export type Question = WithoutRuntime<Task>;
type WithoutRuntime<T> = T extends Asked ? Omit<T, "bundle" | "threads"> : never;

export interface Ran {
  readonly placements: Placements;
  /** `devices` of the graphs that ran. */
  readonly devices: readonly string[];
  readonly openMs: number;
  /** Of the first run, to the result in the page's memory. */
  readonly runMs: number;
}

export interface DigitResult extends Ran {
  readonly label: number;
  /** Against ORT's own kernels, relative to the largest value. */
  readonly error: number;
}

export interface TextLineResult extends Ran {
  readonly text: string;
  readonly error: number;
}

export interface StoryResult extends Ran {
  readonly text: string;
}

export interface SpeechResult extends Ran {
  readonly text: string;
  readonly tokenIds: readonly number[];
  /** How far the encoder's output is from that of ORT's own kernels: `relativeNoise`. */
  readonly noise: number;
  /** How far that is from the same kernels' output with ORT's optimisations. */
  readonly ownNoise: number;
}

export interface OperatorResult {
  /** Nodes that are not WebNN's. */
  readonly elsewhere: readonly string[];
  readonly devices: readonly string[];
  /** From what ORT's own kernels give. */
  readonly differences: readonly string[];
}

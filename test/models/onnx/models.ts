/** The real models, small ones first. */
import { autoencoder } from "./autoencoder.ts";
import { diffusion } from "./diffusion.ts";
import { digits } from "./digits.ts";
import { faces } from "./faces.ts";
import type { RealModel } from "./real-model.ts";
import { stories } from "./stories.ts";
import { text } from "./text.ts";
import { voices } from "./voices.ts";

export const realModels: readonly RealModel[] = [
  ...digits,
  ...voices,
  faces,
  stories,
  ...text,
  autoencoder,
  diffusion,
];

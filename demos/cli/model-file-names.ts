/** The files of a Whisper in the form that transformers.js uses, quantised to 8 bits. */
import type { WhisperFiles } from "../../models/whisper/index.ts";

export const modelFiles = {
  encoder: "onnx/encoder_model_quantized.onnx",
  decoder: "onnx/decoder_model_merged_quantized.onnx",
  tokenizer: "tokenizer.json",
  tokenizerConfig: "tokenizer_config.json",
  config: "config.json",
  generationConfig: "generation_config.json",
} as const satisfies Record<keyof WhisperFiles, string>;

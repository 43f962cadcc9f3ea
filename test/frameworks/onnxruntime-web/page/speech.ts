/** Whisper with its encoder on WebNN; the decoder, whose graph has an If, stays on ORT's own wasm. */
import { loadWhisper, readWav } from "../../../../models/whisper/index.ts";
import { modelUrls } from "../../../../demos/whisper/model-urls.ts";
import { fetchBytes, openOnWasm, openOnWebNN, devicesUsed, type Opened, type Ort } from "./open.ts";
import type { SpeechResult, SpeechTask } from "../messages.ts";

/** Of Whisper's encoder: 30 seconds in hundredths, by 80 bands of frequency. */
const fixedSizes = { batch_size: 1, feature_size: 80, encoder_sequence_length: 3000 };

export async function hear(ort: Ort, task: SpeechTask): Promise<SpeechResult> {
  const encoder = await fetchBytes(modelUrls.encoder);
  let opened: Opened | undefined;
  const create = async (model: Uint8Array) => {
    if (model !== encoder) return openOnWasm(ort, model);
    const options = { freeDimensionOverrides: fixedSizes };
    opened = await openOnWebNN(ort, model, task.deviceType, options);
    return opened.session;
  };
  const whisper = await loadWhisper({
    ...modelUrls,
    encoder,
    ort: { Tensor: ort.Tensor, InferenceSession: { create } as Ort["InferenceSession"] },
  });
  const audio = readWav(await fetchBytes(task.clip));
  const { text, tokenIds, timings } = await whisper.transcribe(audio, { language: "en" });
  await whisper.dispose();
  const { placements, openMs } = opened!;
  const runMs = Math.round(1000 * timings.encode);
  return { text, tokenIds, placements, devices: devicesUsed(), openMs, runMs };
}

/** Whisper with its encoder on WebNN; the decoder, whose graph has an If, stays on ORT's own wasm. */
import type { InferenceSession } from "onnxruntime-common";
import { loadWhisper, readWav } from "../../../../models/whisper/index.ts";
import { modelUrls } from "../../../../demos/whisper/model-urls.ts";
import { relativeNoise } from "../../harness/relative-error.ts";
import { fetchBytes, openOnWasm, openOnWebNN, devicesUsed, type Opened, type Ort } from "./open.ts";
import type { SpeechResult, SpeechTask } from "../messages.ts";

/** Of Whisper's encoder: 30 seconds in hundredths, by 80 bands of frequency. */
const fixedSizes = { batch_size: 1, feature_size: 80, encoder_sequence_length: 3000 };

export async function hear(ort: Ort, task: SpeechTask): Promise<SpeechResult> {
  const encoder = await fetchBytes(modelUrls.encoder);
  let opened: Opened | undefined;
  let encoding: Encoding | undefined;
  const create = async (model: Uint8Array) => {
    if (model !== encoder) return openOnWasm(ort, model);
    const options = { freeDimensionOverrides: fixedSizes };
    opened = await openOnWebNN(ort, model, task.deviceType, options);
    return watch(opened.session, (seen) => (encoding = seen));
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
  const { features, hidden } = encoding!;
  const [plain, optimized] = await (ownKernels ??= encodeOnWasm(ort, encoder, features));
  return {
    text,
    tokenIds,
    noise: relativeNoise(hidden, plain!),
    ownNoise: relativeNoise(optimized!, plain!),
    placements,
    devices: devicesUsed(),
    openMs,
    runMs,
  };
}

interface Encoding {
  readonly features: Float32Array<ArrayBuffer>;
  readonly hidden: Float32Array;
}

/** The encoder's session, which tells what it was given and what it gave: the pipeline frees both. */
function watch(session: InferenceSession, tell: (seen: Encoding) => void): InferenceSession {
  const run = session.run.bind(session) as (
    feeds: InferenceSession.FeedsType,
    fetches: readonly string[],
  ) => ReturnType<InferenceSession["run"]>;
  return Object.assign(session, {
    run: async (...given: Parameters<typeof run>) => {
      const floats = (tensor: unknown) =>
        (tensor as { readonly data: Float32Array<ArrayBuffer> }).data.slice();
      const features = floats(given[0]["input_features"]);
      const results = await run(...given);
      tell({ features, hidden: floats(results["last_hidden_state"]) });
      return results;
    },
  });
}

/** The same for every device, as the features are. */
let ownKernels: Promise<readonly Float32Array[]> | undefined;

/** On ORT's own kernels, without its optimisations and with them. */
async function encodeOnWasm(
  ort: Ort,
  encoder: Uint8Array,
  features: Float32Array<ArrayBuffer>,
): Promise<readonly Float32Array[]> {
  const { feature_size: bands, encoder_sequence_length: length } = fixedSizes;
  const outputs: Float32Array[] = [];
  for (const graphOptimizationLevel of ["disabled", "all"] as const) {
    const session = await openOnWasm(ort, encoder, { graphOptimizationLevel });
    const input = new ort.Tensor("float32", features, [1, bands, length]);
    const results = await session.run({ input_features: input }, ["last_hidden_state"]);
    outputs.push(results["last_hidden_state"]!.data as Float32Array);
    await session.release();
  }
  return outputs;
}

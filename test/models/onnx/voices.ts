/** Silero VAD: how likely each 32 ms of a recording are speech, with a state that goes from one to the next. */
import { readFile } from "node:fs/promises";
import type { Tensor } from "onnxruntime-common";
import {
  floatsOf,
  join,
  shared,
  type Outcome,
  type RealModel,
  type Runtime,
} from "./real-model.ts";

/** Samples of a chunk at 16 kHz, and those before it that the model sees too. */
const [chunk, context] = [512, 64];

async function listen({ sessions: [session], Tensor }: Runtime): Promise<Outcome> {
  const samples = await readSamples();
  const sr = new Tensor("int64", BigInt64Array.of(16_000n), []);
  let state: Tensor = new Tensor("float32", new Float32Array(2 * 128), [2, 1, 128]);
  const probabilities: Float32Array[] = [];
  for (let start = 0; start + chunk <= samples.length; start += chunk) {
    const input = new Float32Array(context + chunk);
    const first = Math.max(0, start - context);
    input.set(samples.subarray(first, start + chunk), context - (start - first));
    const { output, stateN } = await session!.run({
      input: new Tensor("float32", input, [1, context + chunk]),
      state,
      sr,
    });
    probabilities.push(floatsOf(output as Tensor));
    state = stateN as Tensor;
  }
  const all = join(probabilities);
  const spoken = all.filter((p) => p > 0.5).length;
  return {
    says: `speech in ${spoken} of ${all.length} chunks`,
    results: { probabilities: all, "last state": floatsOf(state) },
  };
}

/**
 * Of 16 bits, from byte 44 on. The file's header is 34 bytes longer and so heard as a click, but what is known of the
 * recording (231 chunks) was counted so; from byte 78 on onnxruntime-node counts 233.
 */
async function readSamples(): Promise<Float32Array> {
  const file = await readFile(shared("speech/jfk.wav"));
  return Float32Array.from({ length: (file.length - 44) / 2 }, (_, i) => {
    return file.readInt16LE(44 + 2 * i) / 32768;
  });
}

const common = {
  bound: 1e-4,
  because: "an LSTM hands its state through 343 steps; float32, squashed by sigmoids in each",
  known: "speech in 231 of 343 chunks",
  run: listen,
};

export const voices: readonly RealModel[] = [
  {
    ...common,
    name: "Silero VAD, If in If",
    files: [shared("vad-silero/silero_vad.onnx")],
    // Between them stand eight Ifs, which sizes decide; all are built by the first chunk.
    graphs: 12,
  },
  {
    ...common,
    name: "Silero VAD, one If",
    files: [shared("vad-silero/silero_vad_op18_ifless.onnx")],
    graphs: 2,
  },
];

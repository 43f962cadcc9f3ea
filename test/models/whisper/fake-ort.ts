/**
 * A runtime that says what a script tells it to, and keeps a record: what was fed and fetched, and which of its
 * tensors are still alive. Its decoder keeps the rules of a merged one and throws where they are broken.
 */
import assert from "node:assert/strict";
import { Tensor } from "onnxruntime-common";
import type {
  OrtLike,
  OrtSession,
  OrtTensor,
  SessionOptions,
} from "../../../models/whisper/ort.ts";

export interface Script {
  /** Token ids that the decoder says, one after the other, for each window. */
  readonly says: readonly (readonly number[])[];
  readonly vocabularySize: number;
  readonly layers: number;
  /** Changes the logits of a step before they are returned. */
  readonly spoil?: (logits: Float32Array, step: number) => void;
  /** Milliseconds that each step takes. */
  readonly slowSteps?: readonly number[];
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
}

export interface DecoderRun {
  readonly tokens: readonly number[];
  readonly isCached: boolean;
  readonly pastLengths: readonly number[];
  readonly fetched: readonly string[];
}

export interface FakeOrt extends OrtLike {
  readonly created: readonly (SessionOptions | undefined)[];
  readonly runs: readonly DecoderRun[];
  readonly released: readonly string[];
  encoderRuns(): number;
  liveTensors(): number;
}

const headLength = 2;

export function createFakeOrt(script: Script): FakeOrt {
  const record = {
    created: [] as (SessionOptions | undefined)[],
    runs: [] as DecoderRun[],
    released: [] as string[],
    live: new Set<OrtTensor>(),
  };

  function tensor(data: Float32Array, dims: readonly number[]): OrtTensor {
    const made = new Tensor("float32", data, dims);
    record.live.add(made);
    made.dispose = () => {
      assert.ok(record.live.delete(made), "a tensor is disposed of once");
    };
    return made;
  }

  const cacheNames = (prefix: string, part: string) =>
    Array.from({ length: script.layers }, (_, i) => [
      `${prefix}.${i}.${part}.key`,
      `${prefix}.${i}.${part}.value`,
    ]).flat();
  const pasts = [
    ...cacheNames("past_key_values", "encoder"),
    ...cacheNames("past_key_values", "decoder"),
  ];
  const presents = [...cacheNames("present", "encoder"), ...cacheNames("present", "decoder")];

  let window = -1;
  let step = 0;

  async function runEncoder(feeds: Record<string, OrtTensor>) {
    assert.deepEqual(feeds["input_features"]!.dims, [1, 80, 3000]);
    window++;
    return { last_hidden_state: tensor(new Float32Array(4), [1, 2, 2]) };
  }

  async function runDecoder(feeds: Record<string, OrtTensor>, fetched: readonly string[]) {
    const isCached = (feeds["use_cache_branch"]!.data as Uint8Array)[0] === 1;
    const tokens = [...(feeds["input_ids"]!.data as BigInt64Array)].map(Number);
    for (const name of [...pasts, "encoder_hidden_states"]) {
      const fed = feeds[name]!;
      assert.ok(fed.dims[2] === 0 || record.live.has(fed), `${name} is alive when it is fed`);
    }
    const pastLengths = pasts.map((name) => feeds[name]!.dims[2]!);
    record.runs.push({ tokens, isCached, pastLengths, fetched: [...fetched] });
    assert.equal(isCached ? tokens.length : 1, 1, "one token at a time with a cache");
    step = isCached ? step + 1 : 0;
    const { vocabularySize, slowSteps = [] } = script;
    if (slowSteps[step]) await new Promise((resolve) => setTimeout(resolve, slowSteps[step]));
    const logits = new Float32Array(tokens.length * vocabularySize);
    logits[(tokens.length - 1) * vocabularySize + script.says[window]![step]!] = 1;
    script.spoil?.(logits.subarray((tokens.length - 1) * vocabularySize), step);
    const results: Record<string, OrtTensor> = {
      logits: tensor(logits, [1, tokens.length, vocabularySize]),
    };
    const textLength = isCached ? feeds[pasts.at(-1)!]!.dims[2]! + 1 : tokens.length;
    for (const name of fetched.filter((name) => name !== "logits")) {
      const length = name.includes("encoder") ? 3 : textLength;
      results[name] = tensor(new Float32Array(length * headLength), [1, 1, length, headLength]);
    }
    return results;
  }

  function session(part: "encoder" | "decoder"): OrtSession {
    const isEncoder = part === "encoder";
    const names = isEncoder
      ? { inputNames: ["input_features"], outputNames: ["last_hidden_state", "attentions"] }
      : {
          inputNames: script.inputNames ?? [
            "input_ids",
            "encoder_hidden_states",
            "use_cache_branch",
            ...pasts,
          ],
          outputNames: script.outputNames ?? ["logits", ...presents],
        };
    return {
      ...names,
      inputMetadata: [],
      outputMetadata: [],
      run: isEncoder ? runEncoder : runDecoder,
      release: async () => void record.released.push(part),
      startProfiling: () => undefined,
      endProfiling: () => undefined,
    } as unknown as OrtSession;
  }

  return {
    Tensor,
    InferenceSession: {
      create: async (_model: unknown, options?: unknown) => {
        record.created.push(options as SessionOptions | undefined);
        return session(record.created.length === 1 ? "encoder" : "decoder");
      },
    },
    created: record.created,
    runs: record.runs,
    released: record.released,
    encoderRuns: () => window + 1,
    liveTensors: () => record.live.size,
  };
}

/** The pipeline on a scripted runtime: what is fed, fetched, chosen, disposed of and refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadWhisper, WhisperError } from "../../../models/whisper/index.ts";
import type { LoadWhisperOptions, WhisperErrorCode } from "../../../models/whisper/index.ts";
import { createFakeOrt } from "./fake-ort.ts";
import type { FakeOrt, Script } from "./fake-ort.ts";
import { readJson } from "./model.ts";

const tokenizer = await readJson("tokenizer");
const tokenizerConfig = await readJson("tokenizerConfig");
const generationConfig = await readJson("generationConfig");
const config = {
  num_mel_bins: 80,
  d_model: 2,
  decoder_attention_heads: 1,
  decoder_layers: 2,
  max_target_positions: 12,
};
const vocabularySize = 51_865;
const end = 50_257;
/** " And so my" */
const words = [400, 370, 452];
const second = tone(1);

function tone(seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * 16_000 }, (_, i) => 0.3 * Math.sin(i / 10));
}

function fakeOrt(script: Partial<Script> = {}): FakeOrt {
  return createFakeOrt({ says: [[...words, end]], vocabularySize, layers: 2, ...script });
}

function load(ort: FakeOrt, options: Partial<LoadWhisperOptions> = {}) {
  const files = { encoder: new Uint8Array(1), decoder: new Uint8Array(1) };
  return loadWhisper({
    ort,
    ...files,
    tokenizer,
    tokenizerConfig,
    config,
    generationConfig,
    ...options,
  });
}

function refuses(promise: Promise<unknown>, code: WhisperErrorCode, says: RegExp): Promise<void> {
  return assert.rejects(
    promise,
    (error) => error instanceof WhisperError && error.code === code && says.test(error.message),
  );
}

test("the prompt starts, then one token at a time with the growing cache", async () => {
  const ort = fakeOrt();
  const whisper = await load(ort);
  const transcript = await whisper.transcribe(second, { language: "en" });
  assert.equal(transcript.text, " And so my");
  assert.deepEqual(transcript.tokenIds, words);
  assert.equal(transcript.language, "en");
  assert.equal(transcript.audioSeconds, 1);
  assert.deepEqual(
    ort.runs.map(({ tokens, isCached }) => ({ tokens, isCached })),
    [
      { tokens: [50258, 50259, 50359, 50363], isCached: false },
      ...words.map((word) => ({ tokens: [word], isCached: true })),
    ],
  );
  // Two layers: keys and values of the audio, then of the text.
  assert.deepEqual(
    ort.runs.map(({ pastLengths }) => [pastLengths[0], pastLengths.at(-1)]),
    [
      [0, 0],
      [3, 4],
      [3, 5],
      [3, 6],
    ],
  );
});

test("only what is used is fetched: later runs leave the audio's keys and values alone", async () => {
  const ort = fakeOrt();
  await (await load(ort)).transcribe(second, { language: "en" });
  const [first, ...later] = ort.runs.map(({ fetched }) => fetched);
  assert.equal(first!.length, 1 + 8);
  for (const fetched of later) {
    assert.deepEqual([...fetched].sort(), [
      "logits",
      "present.0.decoder.key",
      "present.0.decoder.value",
      "present.1.decoder.key",
      "present.1.decoder.value",
    ]);
  }
});

test("no tensor of the runtime outlives the transcription", async () => {
  const ort = fakeOrt();
  await (await load(ort)).transcribe(second);
  assert.equal(ort.liveTensors(), 0);
});

test("tokens are told as they come; their texts join to the transcript", async () => {
  const ort = fakeOrt();
  const told: string[] = [];
  const runsAtToken: number[] = [];
  const { text } = await (
    await load(ort)
  ).transcribe(second, {
    language: "en",
    onToken: (token) => {
      told.push(token.text);
      runsAtToken.push(ort.runs.length);
    },
  });
  assert.equal(told.join(""), text);
  assert.deepEqual(runsAtToken, [1, 2, 3]);
});

test("the language is heard once, from the first window", async () => {
  const german = 50_261;
  const ort = createFakeOrt({
    says: [
      [german, 400, end],
      [370, end],
    ],
    vocabularySize,
    layers: 2,
    // Run 0 of the first window is the detection; the script's step starts again after it.
    spoil: (logits, step) => {
      if (step === 0 && ort.runs.length > 1) logits.fill(0).fill(1, 400, 401);
    },
  });
  const { language } = await (await load(ort)).transcribe(tone(40));
  assert.equal(language, "de");
  const prompts = ort.runs.filter(({ isCached }) => !isCached).map(({ tokens }) => tokens);
  assert.deepEqual(prompts, [
    [50258],
    [50258, german, 50359, 50363],
    [50258, german, 50359, 50363],
  ]);
});

test("tokens that must not be spoken are passed over, and time stamps too", async () => {
  const suppressed = (generationConfig["suppress_tokens"] as number[])[5]!;
  const timestamp = 50_400;
  const ort = fakeOrt({
    spoil: (logits, step) => {
      logits[suppressed] = 5;
      logits[timestamp] = 6;
      if (step === 0) logits[end] = 7;
      if (step === 0) logits[220] = 8;
    },
  });
  const { tokenIds } = await (await load(ort)).transcribe(second, { language: "en" });
  assert.deepEqual(tokenIds, words);
});

test("decoding ends where the model's positions end", async () => {
  const ort = fakeOrt({ says: [Array<number>(20).fill(400)] });
  const { tokenIds } = await (await load(ort)).transcribe(second, { language: "en" });
  assert.equal(tokenIds.length, 12 - 4);
});

test("maxTokens ends it before", async () => {
  const ort = fakeOrt();
  const whisper = await load(ort);
  const { tokenIds } = await whisper.transcribe(second, { language: "en", maxTokens: 2 });
  assert.deepEqual(tokenIds, words.slice(0, 2));
  assert.equal(ort.runs.length, 2);
});

test("long audio is heard in windows, and progress is told", async () => {
  const ort = fakeOrt({
    says: [
      [...words, end],
      [11, end],
      [13, end],
    ],
  });
  const progress: number[] = [];
  const { text, segments } = await (
    await load(ort)
  ).transcribe(tone(70), {
    language: "en",
    onProgress: ({ doneSeconds }) => progress.push(doneSeconds),
  });
  assert.equal(text, " And so my,.");
  assert.equal(segments.length, 3);
  assert.deepEqual(progress, [0, ...segments.map(({ endSeconds }) => endSeconds)]);
  assert.equal(segments.at(-1)!.endSeconds, 70);
});

test("silence says nothing and runs nothing", async () => {
  const ort = fakeOrt();
  const { text, tokensPerSecond } = await (await load(ort)).transcribe(new Float32Array(16_000));
  assert.equal(text, "");
  assert.equal(tokensPerSecond, 0);
  assert.equal(ort.encoderRuns(), 0);
});

test("an abort ends it at the next token; the pipeline stays usable", async () => {
  const ort = fakeOrt({
    says: [
      [...words, end],
      [...words, end],
    ],
  });
  const whisper = await load(ort);
  const controller = new AbortController();
  const reason = new Error("enough");
  const transcription = whisper.transcribe(second, {
    language: "en",
    signal: controller.signal,
    onToken: () => controller.abort(reason),
  });
  await assert.rejects(transcription, reason);
  assert.equal(ort.runs.length, 1);
  assert.equal(ort.liveTensors(), 0);
  const { tokenIds } = await whisper.transcribe(second, { language: "en" });
  assert.deepEqual(tokenIds, words);
});

test("a signal that is aborted already runs nothing", async () => {
  const ort = fakeOrt();
  const whisper = await load(ort);
  await assert.rejects(whisper.transcribe(second, { signal: AbortSignal.abort() }), {
    name: "AbortError",
  });
  assert.equal(ort.encoderRuns(), 0);
  await assert.rejects(load(fakeOrt(), { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("transcriptions run one after the other", async () => {
  const ort = fakeOrt({
    says: [
      [400, end],
      [370, end],
    ],
  });
  const whisper = await load(ort);
  const texts = await Promise.all(
    [1, 2].map(async () => (await whisper.transcribe(second, { language: "en" })).text),
  );
  assert.deepEqual(texts, [" And", " so"]);
});

test("dispose ends what runs, releases both sessions and refuses what follows", async () => {
  const ort = fakeOrt();
  const whisper = await load(ort);
  let disposal: Promise<void> | undefined;
  const running = whisper.transcribe(second, {
    language: "en",
    onToken: () => (disposal ??= whisper.dispose()),
  });
  await refuses(running, "disposed", /disposed of/);
  await disposal;
  assert.deepEqual(ort.released, ["encoder", "decoder"]);
  assert.equal(ort.liveTensors(), 0);
  await refuses(whisper.transcribe(second), "disposed", /disposed of/);
  await whisper.dispose();
  assert.equal(ort.released.length, 2);
});

test("encoder output and cache stay where they are told to, logits do not", async () => {
  const ort = fakeOrt();
  await load(ort, { cacheLocation: "ml-tensor", executionProviders: ["webnn"] });
  assert.deepEqual(ort.created[0], {
    executionProviders: ["webnn"],
    preferredOutputLocation: { last_hidden_state: "ml-tensor" },
  });
  const locations = ort.created[1]!.preferredOutputLocation as Record<string, string>;
  assert.equal(Object.keys(locations).length, 8);
  assert.ok(Object.keys(locations).every((name) => name.startsWith("present.")));
});

test("the encoder's work is waited for, once a window, before its time is taken", async () => {
  const ort = fakeOrt();
  let waits = 0;
  const synchronize = async () => {
    assert.equal(ort.encoderRuns(), ++waits);
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  const { timings } = await (await load(ort, { synchronize })).transcribe(second);
  assert.equal(waits, 1);
  assert.ok(timings.encode >= 0.025, `${timings.encode} s`);
});

test("the first token's time is told apart, and tokens a second are those that follow", async () => {
  const ort = fakeOrt({ slowSteps: [60, 20, 20, 20] });
  const { timings, tokensPerSecond } = await (
    await load(ort)
  ).transcribe(second, { language: "en" });
  assert.ok(timings.firstToken >= 0.055 && timings.firstToken < timings.decode);
  assert.ok(timings.decode >= 0.11);
  assert.ok(tokensPerSecond < 3 / 0.055 && tokensPerSecond > 3 / timings.decode);
});

test("by default nothing is asked that a runtime may not know", async () => {
  const ort = fakeOrt();
  await load(ort);
  assert.deepEqual(ort.created, [{}, {}]);
});

test("logits of NaN are an error, not a transcript", async () => {
  const ort = fakeOrt({ says: [[400], [400]], spoil: (logits) => logits.fill(Number.NaN) });
  const whisper = await load(ort);
  await refuses(whisper.transcribe(second, { language: "en" }), "bad-output", /NaN/);
  await refuses(whisper.transcribe(second), "bad-output", /NaN/);
  assert.equal(ort.liveTensors(), 0);
});

test("bad audio and bad options are refused before anything runs", async () => {
  const ort = fakeOrt();
  const whisper = await load(ort);
  await refuses(whisper.transcribe(new Float32Array(0)), "bad-audio", /empty/);
  await refuses(whisper.transcribe(second, { language: "xx" }), "bad-option", /"xx"/);
  await refuses(whisper.transcribe(second, { maxTokens: 0 }), "bad-option", /maxTokens is 0/);
  assert.equal(ort.encoderRuns(), 0);
});

test("a decoder that is not merged is refused, and its sessions are released", async () => {
  const ort = fakeOrt({ inputNames: ["input_ids", "encoder_hidden_states"] });
  await refuses(
    load(ort),
    "wrong-model",
    /decoder's inputs lack use_cache_branch, past_key_values.0/,
  );
  assert.deepEqual(ort.released, ["encoder", "decoder"]);
});

test("a configuration without sizes is refused before a session is made", async () => {
  const ort = fakeOrt();
  const { d_model: _, ...incomplete } = config;
  await refuses(load(ort, { config: incomplete }), "wrong-model", /d_model is undefined/);
  assert.equal(ort.created.length, 0);
});

/** The whole pipeline with the real model on Microsoft's runtime: transcripts that are known. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { readModelFiles } from "../../../demos/cli/model-files.ts";
import { openRuntime } from "../../../demos/cli/runtimes.ts";
import { loadWhisper } from "../../../models/whisper/index.ts";
import type { AudioInput, TranscribeOptions, Whisper } from "../../../models/whisper/index.ts";
import { resample } from "../../../models/whisper/resample.ts";
import { austen, jfk, join, ownClip } from "./clips.ts";
import { missing } from "./requirements.ts";

let loading: Promise<Whisper> | undefined;

async function transcribe(audio: AudioInput, options: TranscribeOptions = { language: "en" }) {
  return (await (loading ??= load())).transcribe(audio, options);
}

async function load(): Promise<Whisper> {
  const runtime = await openRuntime({ runtime: "onnxruntime-node", device: "cpu", threads: 1 });
  return loadWhisper({ ...runtime.options, ...(await readModelFiles()) });
}

after(async () => (await loading)?.dispose());

const needsPeers = { skip: missing("peers") };
const needsBoth = { skip: missing("peers", "shared") };

test("our clip is transcribed to the letter", needsPeers, async () => {
  const clip = await ownClip();
  const { text, tokenIds } = await transcribe(clip.samples);
  const script = await readFile(new URL("../../data/clip.txt", import.meta.url), "utf8");
  assert.equal(text.trim(), script.trim().replace("\n", " "));
  assert.deepEqual(tokenIds, clip.tokenIds);
});

test("stereo at 44.1 kHz says the same, and is heard to be English", needsPeers, async () => {
  const clip = await ownClip();
  const channel = resample(clip.samples, { from: 16_000, to: 44_100 });
  const stereo = { channelData: [channel, channel], sampleRate: 44_100 };
  const { text, language } = await transcribe(stereo, {});
  assert.equal(text, clip.text);
  assert.equal(language, "en");
});

test("jfk: 24 known ids, with the language given and heard", needsBoth, async () => {
  const clip = await jfk();
  for (const options of [{ language: "en" }, {}]) {
    const transcript = await transcribe(clip.samples, options);
    assert.equal(transcript.text, clip.text);
    assert.deepEqual(transcript.tokenIds, clip.tokenIds);
    assert.equal(transcript.language, "en");
  }
});

test("the LibriVox sentence", needsBoth, async () => {
  const clip = await austen();
  assert.equal((await transcribe(clip.samples)).text, clip.text);
});

test("over 30 s: words that lie across 30 s are heard whole", needsPeers, async () => {
  const { samples, text } = await ownClip();
  const pause = new Float32Array(20 * 16_000);
  const transcript = await transcribe(join(samples, pause, samples, pause, samples));
  assert.ok(transcript.segments.length >= 2);
  assert.equal(transcript.text, text.repeat(3));
});

test("over 30 s of two speakers: no words are lost around the cuts", needsBoth, async () => {
  const clips = await Promise.all(
    [jfk, austen, jfk, austen, jfk, austen, jfk].map((clip) => clip()),
  );
  const { segments } = await transcribe(join(...clips.map(({ samples }) => samples)));
  const spoken = wordsOf(clips.map(({ text }) => text).join("")).join(" ");
  assert.ok(segments.length >= 3);
  segments.slice(1).forEach(({ text }, i) => {
    const before = wordsOf(segments[i]!.text).slice(-4);
    const around = [...before, ...wordsOf(text).slice(0, 4)].join(" ");
    assert.ok(spoken.includes(around), `"${around}" at ${segments[i]!.endSeconds} s`);
  });
});

/** In lower case: at a window's start Whisper may write another capital or comma. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z']+/g) ?? [];
}

/** The whole pipeline with the real model on Microsoft's runtime: transcripts that are known. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { readModelFiles } from "../../../demos/cli/model-files.ts";
import { openRuntime } from "../../../demos/cli/runtimes.ts";
import { loadWhisper, readWav } from "../../../models/whisper/index.ts";
import type { AudioInput, TranscribeOptions, Whisper } from "../../../models/whisper/index.ts";
import { resample } from "../../../models/whisper/resample.ts";
import { missing, sharedClip } from "./requirements.ts";

let loading: Promise<Whisper> | undefined;

function whisper(): Promise<Whisper> {
  return (loading ??= load());
}

async function load(): Promise<Whisper> {
  const runtime = await openRuntime({ runtime: "onnxruntime-node", device: "cpu", threads: 1 });
  return loadWhisper({ ...runtime.options, ...(await readModelFiles()) });
}

after(async () => (await loading)?.dispose());

const ownClip = new URL("../../data/clip.wav", import.meta.url);
const jfk = {
  file: "jfk.wav",
  text: " And so my fellow Americans ask not what your country can do for you, ask what you can do for your country.",
  tokenIds: [
    400, 370, 452, 7177, 6280, 1029, 406, 437, 428, 1941, 393, 360, 337, 291, 11, 1029, 437, 291,
    393, 360, 337, 428, 1941, 13,
  ],
};
const austen = {
  file: "sense_and_sensibility_01_austen_64kb-0870.wav",
  text: " And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for them.",
};

async function readClip(file: string | URL): Promise<Float32Array> {
  const { channelData, sampleRate } = readWav(await readFile(file));
  assert.equal(sampleRate, 16_000);
  return channelData[0]!;
}

function join(...parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const needsPeers = { skip: missing("peers") };
const needsBoth = { skip: missing("peers", "shared") };

test("our clip", needsPeers, async () => {
  const { text, tokenIds } = await transcribe(await readClip(ownClip));
  const file = await readFile(new URL("clip.json", ownClip), "utf8");
  const expected = JSON.parse(file) as { text: string; tokenIds: number[] };
  assert.equal(text.trim(), await ownWords());
  assert.equal(text, expected.text);
  assert.deepEqual(tokenIds, expected.tokenIds);
});

test(
  "our clip in stereo at 44.1 kHz says the same, and is heard to be English",
  needsPeers,
  async () => {
    const channel = resample(await readClip(ownClip), { from: 16_000, to: 44_100 });
    const stereo = { channelData: [channel, channel], sampleRate: 44_100 };
    const { text, language } = await transcribe(stereo, {});
    assert.equal(text.trim(), await ownWords());
    assert.equal(language, "en");
  },
);

test("jfk: 24 known ids, with the language given and heard", needsBoth, async () => {
  const clip = await readClip(sharedClip(jfk.file));
  for (const options of [{ language: "en" }, {}]) {
    const transcript = await transcribe(clip, options);
    assert.equal(transcript.text, jfk.text);
    assert.deepEqual(transcript.tokenIds, jfk.tokenIds);
    assert.equal(transcript.language, "en");
  }
});

test("the LibriVox sentence", needsBoth, async () => {
  const { text } = await transcribe(await readClip(sharedClip(austen.file)));
  assert.equal(text, austen.text);
});

test("over 30 s: words that lie across 30 s are heard whole", needsPeers, async () => {
  const clip = await readClip(ownClip);
  const pause = new Float32Array(20 * 16_000);
  const { text, segments } = await transcribe(join(clip, pause, clip, pause, clip));
  assert.ok(segments.length >= 2);
  assert.equal(
    text.trim(),
    Array<string>(3)
      .fill(await ownWords())
      .join(" "),
  );
});

test(
  "over 30 s of two speakers: the words around each cut are those of the sentences",
  needsBoth,
  async () => {
    const sentences = [jfk, austen, jfk, austen, jfk, austen, jfk];
    const clips = await Promise.all(sentences.map(({ file }) => readClip(sharedClip(file))));
    const { segments } = await transcribe(join(...clips));
    const spoken = wordsOf(sentences.map(({ text }) => text).join("")).join(" ");
    assert.ok(segments.length >= 3);
    segments.slice(1).forEach(({ text }, i) => {
      const before = wordsOf(segments[i]!.text).slice(-4);
      const around = [...before, ...wordsOf(text).slice(0, 4)].join(" ");
      assert.ok(spoken.includes(around), `"${around}" at ${segments[i]!.endSeconds} s`);
    });
  },
);

async function transcribe(audio: AudioInput, options: TranscribeOptions = { language: "en" }) {
  return (await whisper()).transcribe(audio, options);
}

async function ownWords(): Promise<string> {
  return (await readFile(new URL("clip.txt", ownClip), "utf8")).trim().replace("\n", " ");
}

/** In lower case: at a window's start Whisper may write another capital or comma. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z']+/g) ?? [];
}

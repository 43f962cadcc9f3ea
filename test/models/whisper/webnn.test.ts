/** The whole pipeline with the real model on our own runtime in Node: known ids, and bytes that are copied. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readModelFiles } from "../../../demos/cli/model-files.ts";
import { openWebNN } from "../../../demos/cli/webnn-runtime.ts";
import type { RuntimeReport, WebNNOptions } from "../../../demos/cli/webnn-runtime.ts";
import { loadWhisper } from "../../../models/whisper/index.ts";
import type { LoadWhisperOptions, Transcript } from "../../../models/whisper/index.ts";
import { austen, jfk, ownClip } from "./clips.ts";
import { missing } from "./requirements.ts";

interface Outcome {
  readonly transcripts: readonly Transcript[];
  readonly report: RuntimeReport;
}

async function transcribe(
  clips: readonly Float32Array[],
  where: WebNNOptions,
  changes: Partial<LoadWhisperOptions> = {},
): Promise<Outcome> {
  const runtime = await openWebNN(where);
  try {
    const options = { ...runtime.options, ...(await readModelFiles()), ...changes };
    const whisper = await loadWhisper(options);
    const transcripts: Transcript[] = [];
    for (const clip of clips) transcripts.push(await whisper.transcribe(clip, { language: "en" }));
    const report = await runtime.report();
    await whisper.dispose();
    return { transcripts, report };
  } finally {
    await runtime.close();
  }
}

const oneThread: WebNNOptions = { deviceType: "cpu", numThreads: 1 };
const twoThreads: WebNNOptions = { deviceType: "cpu", numThreads: 2 };

test("our clip on two threads: the known ids, and keys and values stay on the device", async () => {
  const clip = await ownClip();
  const { transcripts, report } = await transcribe([clip.samples], twoThreads);
  assert.equal(transcripts[0]!.text, clip.text);
  assert.deepEqual(transcripts[0]!.tokenIds, clip.tokenIds);
  assert.equal(report.bytes!.kvCopied, 0);
  assert.equal(report.threads, 2);
  assert.deepEqual(report.devices, ["cpu"]);
  assert.match(report.device, /^cpu \(wasm/);
  assert.ok(report.nodes!.webnn > 1000 && report.nodes!.host > 100);
});

test("kept on the host, keys and values are copied: so many bytes", async () => {
  const clip = await ownClip();
  const { transcripts, report } = await transcribe([clip.samples], oneThread, {
    cacheLocation: "cpu",
  });
  assert.deepEqual(transcripts[0]!.tokenIds, clip.tokenIds);
  assert.equal(report.bytes!.kvCopied, copiedBytes(clip.tokenIds.length));
});

/**
 * Four layers with keys and values of 6 × 64 floats a position. The first run writes none and reads those of 1,500
 * positions of audio and 4 of the prompt; each later run writes all that there are and reads the text's.
 */
function copiedBytes(laterRuns: number): number {
  const position = 4 * 2 * 6 * 64 * Float32Array.BYTES_PER_ELEMENT;
  const audio = 1500;
  const prompt = 4;
  let positions = audio + prompt;
  for (let run = 0; run < laterRuns; run++) {
    positions += audio + (prompt + run) + (prompt + run + 1);
  }
  return positions * position;
}

test("jfk and the LibriVox sentence: the known ids", { skip: missing("shared") }, async () => {
  const [first, second] = [await jfk(), await austen()];
  const { transcripts } = await transcribe([first.samples, second.samples], twoThreads);
  assert.deepEqual(transcripts[0]!.tokenIds, first.tokenIds);
  assert.equal(transcripts[0]!.text, first.text);
  assert.equal(transcripts[1]!.text, second.text);
});

/** Minutes on a software adapter. */
test(
  "jfk on the GPU: the known ids, and no node on the CPU",
  { skip: missing("gpu", "shared") },
  async () => {
    const clip = await jfk();
    const { transcripts, report } = await transcribe([clip.samples], { deviceType: "gpu" });
    assert.deepEqual(transcripts[0]!.tokenIds, clip.tokenIds);
    assert.deepEqual(report.devices, ["gpu"]);
    assert.match(report.device, /^gpu \(.+\)$/, "the adapter is named");
    assert.ok(report.dispatches! > clip.tokenIds.length);
    assert.equal(report.bytes!.kvCopied, 0);
  },
);

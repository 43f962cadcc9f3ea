/** Runs in a page's worker: the same pipeline on our runtime or on onnxruntime-web's wasm provider. */
import { modelUrls } from "../../../demos/whisper/model-urls.ts";
import { openWebNN } from "../../../demos/cli/webnn-runtime.ts";
import { loadWhisper, readWav } from "../../../models/whisper/index.ts";
import type { LoadWhisperOptions, OrtLike } from "../../../models/whisper/index.ts";
import type { Answer, Measured, Task } from "./messages.ts";

type RuntimeOptions = Pick<LoadWhisperOptions, "ort" | "executionProviders">;

addEventListener("message", ({ data }: MessageEvent<Task>) => {
  measure(data).then(
    (measured) => postMessage({ measured } satisfies Answer),
    (error: unknown) => postMessage({ error: String(error) } satisfies Answer),
  );
});

async function measure({ runtime, threads, clip, runs }: Task): Promise<Measured> {
  const audio = readWav(await (await fetch(clip)).arrayBuffer());
  const begin = performance.now();
  const options = runtime === "onnxruntime-web" ? await openOrt(threads) : await openOurs(threads);
  const whisper = await loadWhisper({ ...options, ...modelUrls });
  const loadMs = performance.now() - begin;
  const done: Measured["runs"][number][] = [];
  for (let run = 0; run < runs; run++) {
    const at: number[] = [];
    const { timings, tokenIds } = await whisper.transcribe(audio, {
      language: "en",
      onToken: () => void at.push(performance.now()),
    });
    const tokenMs = at.slice(1).map((time, i) => time - at[i]!);
    done.push({ encodeMs: timings.encode * 1000, tokenMs, tokenIds });
  }
  return { loadMs, runs: done, threads };
}

async function openOurs(threads: number): Promise<RuntimeOptions> {
  const { options } = await openWebNN({ deviceType: "cpu", numThreads: threads });
  return options;
}

async function openOrt(threads: number): Promise<RuntimeOptions> {
  const url = "/ort/ort.wasm.min.mjs";
  const ort = (await import(url)) as OrtLike & {
    env: { wasm: { numThreads: number; wasmPaths: string } };
  };
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = "/ort/";
  return { ort, executionProviders: ["wasm"] };
}

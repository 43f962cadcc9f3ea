/**
 * The page's worker: model, features, decoding and text, so that nothing heavy runs on the page's thread. One
 * transcription at a time; the model stays loaded for the next one on the same device.
 */
import { loadWhisper, readWav } from "../../models/whisper/index.ts";
import type { Audio, LoadProgress, Transcript, Whisper } from "../../models/whisper/index.ts";
import { openWebNN } from "../cli/webnn-runtime.ts";
import type { Runtime } from "../cli/webnn-runtime.ts";
import type {
  DeviceChoice,
  Recording,
  Result,
  ToPage,
  ToWorker,
  TranscribeRequest,
} from "./messages.ts";
import { modelUrls } from "./model-urls.ts";

interface Loaded {
  readonly device: DeviceChoice;
  readonly runtime: Runtime;
  readonly whisper: Whisper;
  readonly modelBytes: number;
}

let loaded: Loaded | undefined;
let running: AbortController | undefined;

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "cancel") running?.abort();
  else void answer(data);
});

async function answer(request: TranscribeRequest): Promise<void> {
  running = new AbortController();
  const { signal } = running;
  try {
    tell({ kind: "done", result: await transcribe(request, signal) });
  } catch (error) {
    if (signal.aborted) tell({ kind: "cancelled" });
    else tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  } finally {
    running = undefined;
  }
}

async function transcribe(request: TranscribeRequest, signal: AbortSignal): Promise<Result> {
  const audio = await readRecording(request.recording, signal);
  const isLoaded = loaded !== undefined && isSame(loaded.device, request.device);
  const begin = performance.now();
  const { whisper, runtime, modelBytes } = isLoaded ? loaded! : await load(request.device, signal);
  const loadSeconds = isLoaded ? null : (performance.now() - begin) / 1000;
  const transcript = await whisper.transcribe(audio, {
    ...(request.language === undefined ? {} : { language: request.language }),
    task: request.task,
    onToken: ({ text }) => tell({ kind: "token", text }),
    onProgress: (progress) => tell({ kind: "listening", ...progress }),
    signal,
  });
  return {
    ...(await runtime.report()),
    ...describe(transcript, loadSeconds),
    loadedBytes: { model: modelBytes, code: scriptBytes() },
  };
}

async function readRecording(recording: Recording, signal: AbortSignal): Promise<Audio> {
  switch (recording.kind) {
    case "url": {
      const response = await fetch(recording.url, { signal });
      if (!response.ok) throw new Error(`${recording.url} answered ${response.status}`);
      return readWav(await response.arrayBuffer());
    }
    case "wav":
      return readWav(recording.bytes);
    case "audio":
      return recording.audio;
    default:
      return recording satisfies never;
  }
}

async function load(device: DeviceChoice, signal: AbortSignal): Promise<Loaded> {
  await loaded?.whisper.dispose();
  await loaded?.runtime.close();
  loaded = undefined;
  const runtime = await openWebNN(device);
  try {
    loaded = { device, runtime, ...(await loadModel(runtime, signal)) };
    return loaded;
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

async function loadModel(runtime: Runtime, signal: AbortSignal) {
  const fileCount = Object.keys(modelUrls).length;
  const progress = new Map<string, LoadProgress>();
  const total = (of: (part: LoadProgress) => number) =>
    [...progress.values()].reduce((sum, part) => sum + of(part), 0);
  const whisper = await loadWhisper({
    ...runtime.options,
    ...modelUrls,
    signal,
    onProgress(part) {
      progress.set(part.file, part);
      const loadedBytes = total((each) => each.loadedBytes);
      const totalBytes = total((each) => each.totalBytes ?? each.loadedBytes);
      tell({ kind: "loading", loadedBytes, totalBytes });
      const isComplete = progress.size === fileCount && loadedBytes === totalBytes;
      if (isComplete) tell({ kind: "preparing" });
    },
  });
  return { whisper, modelBytes: total((each) => each.loadedBytes) };
}

function describe(transcript: Transcript, loadSeconds: number | null) {
  const { text, tokenIds, language = null, audioSeconds, timings, tokensPerSecond } = transcript;
  const { features, encode, decode, firstToken } = timings;
  const seconds = { load: loadSeconds, encode: features + encode, decode, firstToken };
  return { text, tokenIds, language, audioSeconds, seconds, tokensPerSecond };
}

function isSame(a: DeviceChoice, b: DeviceChoice): boolean {
  return a.deviceType === b.deviceType && a.numThreads === b.numThreads;
}

/** As far as this thread can see; the page adds what it loaded. */
function scriptBytes(): number {
  return performance
    .getEntriesByType("resource")
    .filter(({ name }) => /\.(js|wasm)$/.test(new URL(name).pathname))
    .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0);
}

function tell(message: ToPage): void {
  postMessage(message);
}

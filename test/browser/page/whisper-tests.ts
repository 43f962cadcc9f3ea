/**
 * Whisper in a worker, as the demo page runs it: the known words, nothing copied of keys and values, and the page's
 * own thread free all the while, from the first byte of the model to the last token.
 */
import { watchTasks } from "../../../demos/whisper/longest-task.ts";
import type { Result, ToPage, TranscribeRequest } from "../../../demos/whisper/messages.ts";
import { expectEqual, expectTrue } from "./expect.ts";
import { pageOptions } from "./options.ts";

const { isolated, clips } = pageOptions();
const threads = isolated ? 2 : 1;

export function testWhisper(): void {
  describe("Whisper on the CPU", () => {
    for (const { url, text, tokenIds } of clips) {
      it(`hears ${url}, and leaves the page's thread free`, async () => {
        const tasks = watchTasks();
        const result = await transcribe(url);
        const longest = tasks.stop();
        expectEqual(result.text.trim(), text.trim(), "text");
        expectEqual(result.tokenIds, tokenIds, "ids");
        expectEqual(result.threads, threads, "threads");
        expectTrue(result.device.startsWith("cpu"), `it ran on ${result.device}`);
        expectEqual(result.bytes?.kvCopied, 0, "bytes of keys and values that were copied");
        const inWorker = { pipeline: "worker", compile: "worker", dispatch: "worker" };
        expectEqual(result.ranIn, inWorker, "threads of the stages");
        console.info(describeRun(url, result, longest));
      });
    }
  });
}

async function transcribe(url: string): Promise<Result> {
  const worker = new Worker(new URL("./speech-worker.js", import.meta.url), { type: "module" });
  const request: TranscribeRequest = {
    kind: "transcribe",
    recording: { kind: "url", url: new URL(url, location.href).href },
    device: { deviceType: "cpu", numThreads: threads },
    language: "en",
    task: "transcribe",
  };
  try {
    return await new Promise<Result>((resolve, reject) => {
      worker.addEventListener("error", ({ message }) => reject(new Error(message)));
      worker.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
        if (data.kind === "done") resolve(data.result);
        if (data.kind === "failed") reject(new Error(data.message));
      });
      worker.postMessage(request);
    });
  } finally {
    worker.terminate();
  }
}

function describeRun(
  url: string,
  { seconds: took, threads: used }: Result,
  longest: number | null,
) {
  const numbers = [took.load ?? 0, took.encode, took.decode].map((each) => each.toFixed(2));
  return `${url}: threads ${used}; load, encode, decode ${numbers.join(", ")} s; longest task of the page ${longest?.toFixed(0) ?? "untold"} ms`;
}

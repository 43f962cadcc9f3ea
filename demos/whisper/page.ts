/** The page: takes a recording and options, has the worker transcribe, and shows what comes back. */
import { findElements } from "./elements.ts";
import { watchTasks } from "./longest-task.ts";
import type { TaskWatch } from "./longest-task.ts";
import type { Recording, Result, ToPage, ToWorker, TranscribeRequest } from "./messages.ts";
import { fillOptions, pickedDevice } from "./options.ts";
import { readFile } from "./read-file.ts";
import { megabytes, showReceipt } from "./receipt.ts";

const elements = findElements();
const worker = new Worker(new URL("./speech-worker.js", import.meta.url), { type: "module" });
let watch: TaskWatch | undefined;

await fillOptions(elements);
elements.controls.addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});
elements.cancel.addEventListener("click", () => {
  setStatus("Cancelling …");
  tell({ kind: "cancel" });
});
elements.file.addEventListener("change", () => pickSource("file"));
elements.copy.addEventListener("click", () => void copyText());
worker.addEventListener("message", ({ data }: MessageEvent<ToPage>) => receive(data));
worker.addEventListener("error", ({ message }) => {
  fail(message || "The worker's script did not load.");
});

async function start(): Promise<void> {
  setBusy(true);
  elements.error.hidden = true;
  elements.error.textContent = "";
  elements.receipt.hidden = true;
  elements.copy.hidden = true;
  elements.text.textContent = "";
  setStatus("Reading the recording …");
  watch = watchTasks();
  try {
    const request = { ...pickedOptions(), recording: await pickedRecording() };
    tell(request, buffersOf(request.recording));
  } catch (error) {
    fail((error as Error).message);
  }
}

function pickedOptions(): Omit<TranscribeRequest, "recording"> {
  const language = elements.language.value;
  return {
    kind: "transcribe",
    device: pickedDevice(elements),
    ...(language === "" ? {} : { language }),
    task: elements.task.value as TranscribeRequest["task"],
  };
}

async function pickedRecording(): Promise<Recording> {
  const source = new FormData(elements.controls).get("source");
  if (source === "sample") return { kind: "url", url: elements.sample.src };
  const [file] = elements.file.files ?? [];
  if (file === undefined) throw new Error("Choose an audio file first.");
  return readFile(file);
}

function buffersOf(recording: Recording): Transferable[] {
  switch (recording.kind) {
    case "url":
      return [];
    case "wav":
      return [recording.bytes];
    case "audio":
      return recording.audio.channelData.map(({ buffer }) => buffer);
    default:
      return recording satisfies never;
  }
}

function receive(message: ToPage): void {
  switch (message.kind) {
    case "loading": {
      const { loadedBytes, totalBytes } = message;
      setStatus("Loading the model …", `${megabytes(loadedBytes)} of ${megabytes(totalBytes)}`);
      setProgress(loadedBytes / totalBytes);
      return;
    }
    case "preparing":
      setStatus("Preparing the model for this device …");
      setProgress(undefined);
      return;
    case "listening": {
      const { doneSeconds, totalSeconds } = message;
      setStatus("Listening …", `${doneSeconds.toFixed(0)} of ${totalSeconds.toFixed(0)} s`);
      setProgress(totalSeconds > 30 ? doneSeconds / totalSeconds : undefined);
      return;
    }
    case "token":
      elements.text.append(
        elements.text.textContent === "" ? message.text.trimStart() : message.text,
      );
      return;
    case "done":
      finish(message.result);
      return;
    case "cancelled":
      watch?.stop();
      setBusy(false);
      setStatus("Cancelled.");
      return;
    case "failed":
      fail(message.message);
      return;
    default:
      message satisfies never;
  }
}

function finish(result: Result): void {
  const longestTaskMilliseconds = watch?.stop() ?? null;
  const { model, code } = result.loadedBytes;
  const loadedBytes = { model, code: code + scriptBytes() };
  setBusy(false);
  setStatus(result.text === "" ? "Done: nothing was said." : "Done.");
  elements.text.lang = result.language ?? "en";
  elements.copy.hidden = result.text === "";
  showReceipt(elements["receipt-rows"], { ...result, loadedBytes, longestTaskMilliseconds });
  elements.receipt.hidden = false;
}

function fail(message: string): void {
  watch?.stop();
  setBusy(false);
  setStatus("Failed.");
  elements.error.textContent = message;
  elements.error.hidden = false;
}

function setBusy(isBusy: boolean): void {
  elements.start.disabled = isBusy;
  elements.cancel.hidden = !isBusy;
  elements.progress.hidden = !isBusy;
  if (isBusy) setProgress(undefined);
}

/** A screen reader announces the status as it changes; details change too often for that. */
function setStatus(status: string, detail = ""): void {
  if (elements.status.textContent !== status) elements.status.textContent = status;
  elements.detail.textContent = detail;
}

/** Undefined: it is not known how much is left. */
function setProgress(part: number | undefined): void {
  if (part === undefined) elements.progress.removeAttribute("value");
  else elements.progress.value = part;
}

function pickSource(source: "sample" | "file"): void {
  const radio = elements.controls.querySelector<HTMLInputElement>(`[value="${source}"]`);
  if (radio !== null) radio.checked = true;
}

async function copyText(): Promise<void> {
  await navigator.clipboard.writeText(elements.text.textContent ?? "");
  setStatus("Copied.");
}

function scriptBytes(): number {
  return performance
    .getEntriesByType("resource")
    .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
    .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0);
}

function tell(message: ToWorker, transfer: Transferable[] = []): void {
  worker.postMessage(message, transfer);
}

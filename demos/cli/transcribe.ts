/**
 * `npm run transcribe -- [file.wav] [options]`: prints what is said, as it is decoded.
 *
 * Text goes to standard output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 called wrongly,
 * 130 ended by Ctrl-C.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadWhisper, readWav, WhisperError } from "../../models/whisper/index.ts";
import type { TranscribeOptions, Transcript } from "../../models/whisper/index.ts";
import { parseArguments, usage, UsageError } from "./arguments.ts";
import type { Arguments } from "./arguments.ts";
import { readModelFiles } from "./model-files.ts";
import { openRuntime } from "./runtimes.ts";
import type { RuntimeReport } from "./webnn-runtime.ts";

const defaultClip = fileURLToPath(new URL("../../test/data/clip.wav", import.meta.url));
const cancelled = new AbortController();

process.exitCode = await main();

async function main(): Promise<number> {
  process.once("SIGINT", cancel);
  try {
    const args = parseArguments(process.argv.slice(2));
    if (args.help) console.log(usage);
    else await transcribe(args);
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}

/** A device that is in the middle of something long is not waited for. */
function cancel(): void {
  cancelled.abort();
  setTimeout(() => process.exit(reportFailure(cancelled.signal.reason)), 500).unref();
}

async function transcribe(args: Arguments): Promise<void> {
  const audio = await readAudio(args.file ?? defaultClip);
  const loadBegin = performance.now();
  const runtime = await openRuntime(args);
  try {
    const files = await readModelFiles();
    const whisper = await loadWhisper({ ...runtime.options, ...files, signal: cancelled.signal });
    const loadSeconds = (performance.now() - loadBegin) / 1000;
    const transcript = await whisper.transcribe(audio, transcribeOptions(args));
    console.log();
    const report = await runtime.report();
    await whisper.dispose();
    if (args.json) console.log(JSON.stringify(receipt(transcript, report, loadSeconds)));
  } finally {
    await runtime.close();
  }
}

function transcribeOptions({ language, task }: Arguments): TranscribeOptions {
  const print = createPrinter();
  return {
    ...(language === undefined ? {} : { language }),
    task,
    onToken: ({ text }) => print(text),
    signal: cancelled.signal,
  };
}

async function readAudio(file: string) {
  const bytes = await readFile(file);
  try {
    return readWav(bytes);
  } catch (error) {
    if (!(error instanceof WhisperError)) throw error;
    throw new WhisperError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}

/** Whisper's texts start with a space; a line of a terminal should not. */
function createPrinter(): (text: string) => void {
  let isStart = true;
  return (text) => {
    process.stdout.write(isStart ? text.trimStart() : text);
    isStart &&= text === "";
  };
}

function receipt(transcript: Transcript, report: RuntimeReport, load: number) {
  const { text, tokenIds, timings, tokensPerSecond } = transcript;
  const { device, threads, nodes, bytes, devices, dispatches, ranIn } = report;
  const encode = timings.features + timings.encode;
  const seconds = { load, encode, decode: timings.decode };
  return {
    text,
    tokenIds,
    device,
    threads,
    nodes,
    bytes,
    seconds,
    tokensPerSecond,
    devices,
    dispatches,
    ranIn,
  };
}

function reportFailure(error: unknown): number {
  if (cancelled.signal.aborted) {
    console.error("\ncancelled");
    return 130;
  }
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
    return 2;
  }
  // A code marks what the caller can mend, such as a missing file (but ERR_… is Node's word for mistakes of programs).
  const { code } = error as { readonly code?: unknown };
  const isExpected = typeof code === "string" && !code.startsWith("ERR_");
  console.error(isExpected ? (error as Error).message : error);
  return 1;
}

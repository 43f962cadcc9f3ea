/**
 * `npm run bench -- whisper [--rounds N] [--threads 1,2] [--clip FILE] [--json FILE]`
 *
 * Whisper in Chromium, the same pipeline on our runtime and on onnxruntime-web's wasm provider, in turn, each
 * time in a fresh browser. Needs `npm ci --ignore-scripts --prefix test/peers` and Chromium (CHROME_BIN, or where
 * Debian puts it). Every transcript must equal the other runtime's.
 */
import { existsSync, writeFileSync } from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measure, type Measurement } from "./whisper/measure.ts";
import type { Task } from "./whisper/messages.ts";
import { serveBench } from "./whisper/serve.ts";
import { ratiosOf, summarise, tableOf } from "./whisper/summary.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "1,2" },
    clip: {
      type: "string",
      default: fileURLToPath(new URL("../data/clip.wav", import.meta.url)),
    },
    json: { type: "string" },
  },
});

if (positionals.join() !== "whisper") {
  console.error("usage: npm run bench -- whisper [--rounds N] [--threads 1,2] [--clip FILE] [--json FILE]"); // prettier-ignore
  process.exitCode = 2;
} else {
  await benchWhisper();
}

async function benchWhisper(): Promise<void> {
  const executable = process.env["CHROME_BIN"] ?? "/usr/bin/chromium";
  if (!existsSync(executable)) throw new Error(`no browser at ${executable}: set CHROME_BIN`);
  const server = await serveBench(options.clip);
  try {
    const tasks = options.threads.split(",").flatMap((threads): Task[] =>
      (["webnn-anywhere", "onnxruntime-web"] as const).map((runtime) => ({
        runtime,
        threads: Number(threads),
        clip: "/clip.wav",
        runs: 3,
      })),
    );
    const measurements = new Map(tasks.map((task) => [task, [] as Measurement[]]));
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const task of tasks) {
        measurements.get(task)!.push(await measure(server, task, executable));
      }
    }
    report(measurements);
  } finally {
    await server.close();
  }
}

function report(measurements: ReadonlyMap<Task, readonly Measurement[]>): void {
  const all = [...measurements.values()].flat();
  const transcripts = new Set(
    all.flatMap(({ runs }) => runs.map(({ tokenIds }) => tokenIds.join())),
  );
  const rows = [...measurements].map(([{ runtime, threads }, rounds]) =>
    summarise({ runtime, threads }, rounds),
  );
  const machine = `${os.cpus()[0]!.model.trim()}, ${os.cpus().length} cores, Chromium ${all[0]!.browser}`;
  const result = {
    machine,
    date: new Date().toISOString().slice(0, 10),
    rounds: Number(options.rounds),
    sameTranscripts: transcripts.size === 1,
    rows,
    ratios: ratiosOf(rows),
  };
  if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${machine}, ${result.date}, medians of ${result.rounds} rounds\n`);
  console.log(tableOf(rows));
  for (const { threads, load, encode, token } of result.ratios) {
    console.log(
      `${threads} threads, onnxruntime-web by ours: load ${load.toFixed(2)}, ` +
        `encode ${encode.toFixed(2)}, token ${token.toFixed(2)}`,
    );
  }
  if (transcripts.size > 1) throw new Error(`transcripts differ: ${[...transcripts].join(" / ")}`);
}

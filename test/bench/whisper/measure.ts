/** One measurement: a fresh browser, one worker in it, and the most memory that a renderer of it took. */
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import type { BenchServer } from "./serve.ts";
import type { Answer, Measured, Task } from "./messages.ts";

interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<A, R>(run: (argument: A) => Promise<R>, argument: A): Promise<R>;
}
interface Browser {
  newPage(): Promise<Page>;
  version(): string;
  close(): Promise<void>;
}

export interface Measurement extends Measured {
  /** Resident, at its highest, of the process that ran the page and its workers; with the empty page's share. */
  readonly peakBytes: number | undefined;
  readonly browser: string;
  readonly codeBytes: number;
}

export async function measure(
  server: BenchServer,
  task: Task,
  executable: string,
): Promise<Measurement> {
  const require = createRequire(new URL("../../peers/package.json", import.meta.url));
  const { chromium } = require("playwright-core") as {
    chromium: { launch(options: object): Promise<Browser> };
  };
  const browser = await chromium.launch({
    executablePath: executable,
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
  });
  try {
    const page = await browser.newPage();
    server.takeCodeBytes();
    await page.goto(server.url);
    const answer = await page.evaluate(runWorker, task);
    if ("error" in answer) throw new Error(`${task.runtime}: ${answer.error}`);
    return {
      ...answer.measured,
      peakBytes: peakOfRenderers(),
      browser: browser.version(),
      codeBytes: server.takeCodeBytes(),
    };
  } finally {
    await browser.close();
  }
}

/** Runs in the page. */
function runWorker(task: Task): Promise<Answer> {
  return new Promise((resolve) => {
    const worker = new Worker("/bench.js", { type: "module" });
    worker.addEventListener("message", ({ data }) => resolve(data as Answer));
    worker.addEventListener("error", ({ message }) => resolve({ error: message }));
    worker.postMessage(task);
  });
}

/** From /proc, so on Linux only; the bench runs one browser at a time. */
function peakOfRenderers(): number | undefined {
  const peaks = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((process) => peakOf(process));
  const largest = Math.max(...peaks);
  return largest > 0 ? largest : undefined;
}

function peakOf(process: string): number {
  try {
    if (!readFileSync(`/proc/${process}/cmdline`, "utf8").includes("--type=renderer")) return 0;
    const status = readFileSync(`/proc/${process}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // The process ended while we looked.
  }
}

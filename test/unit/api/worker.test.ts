/** Contexts in a worker of the application: there they run inline, start no worker but helper threads, and let it end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { MLContextOptions } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import type { WorkerReport } from "./in-worker.ts";

/** What a worker reports; resolves when it has ended by itself. */
async function runInWorker(options: readonly MLContextOptions[]): Promise<readonly WorkerReport[]> {
  const worker = new Worker(new URL("./in-worker.ts", import.meta.url), { workerData: options });
  const reports: WorkerReport[] = [];
  worker.on("message", (message: readonly WorkerReport[]) => reports.push(...message));
  const code = await new Promise<number>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", resolve);
  });
  assert.equal(code, 0);
  return reports;
}

const inline = { compile: "this thread", dispatch: "this thread" };

function check(report: WorkerReport | undefined, threads: number, accelerated: boolean): void {
  const { error, ran, lost, ...rest } = report!;
  assert.ok(error <= 1e-5, `the largest error is ${error}`);
  assert.deepEqual(ran, inline);
  assert.deepEqual(rest, { threads, accelerated });
  assert.equal(lost, "the context was destroyed");
}

test("a worker's contexts on the CPU run in it, with helper threads where asked", async () => {
  const options = [1, 2].map((numThreads) => ({ deviceType: "cpu", numThreads }) as const);
  const reports = await runInWorker(options);
  assert.equal(reports.length, 2);
  check(reports[0], 1, false);
  check(reports[1], 2, false);
});

test("a worker's context on the GPU runs in it", { skip: missing("gpu") }, async () => {
  const reports = await runInWorker([{ deviceType: "gpu" }]);
  check(reports[0], 1, true);
});

test("two workers side by side", async () => {
  const both = await Promise.all(
    [1, 2].map((numThreads) => runInWorker([{ deviceType: "cpu", numThreads }])),
  );
  both.forEach(([report], i) => check(report, i + 1, false));
});

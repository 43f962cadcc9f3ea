/** The API in a dedicated worker of the page. */
import type { ApiReport } from "./api-worker.ts";
import { expectEqual, expectTrue } from "./expect.ts";
import { deviceTypes, pageOptions } from "./options.ts";

export function testWorkers(): void {
  for (const deviceType of deviceTypes()) {
    describe(`a worker with a context on the ${deviceType}`, () => {
      it("runs it inline, as its own navigator.ml", async () => {
        const report = await ask({ deviceType, numThreads: 2 });
        expectTrue("error" in report, `failed: ${JSON.stringify(report)}`);
        expectTrue(report.error <= 1e-5, `the largest error is ${report.error}`);
        expectEqual(report.accelerated, deviceType === "gpu", "accelerated");
        expectEqual(report.dispatch, "this thread", "dispatches on");
        const threads = deviceType === "cpu" && pageOptions().isolated ? 2 : 1;
        expectEqual(report.threads, threads, "threads");
        expectEqual(report.lost, "the context was destroyed", "lost");
        expectEqual(report.absent, [], "interfaces that are no globals");
      });
    });
  }
}

async function ask(options: object): Promise<ApiReport> {
  const worker = new Worker(new URL("./api-worker.js", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener("message", ({ data }: MessageEvent<ApiReport>) => resolve(data));
      worker.addEventListener("error", ({ message }) => reject(new Error(message)));
      worker.postMessage(options);
    });
  } finally {
    worker.terminate();
  }
}

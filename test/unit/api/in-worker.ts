/** What worker.test.ts runs in a worker of its own: contexts as anywhere else, installed as `navigator.ml` too. */
import { parentPort, workerData } from "node:worker_threads";
import {
  extensions,
  installWebNN,
  type MLContext,
  type MLContextOptions,
} from "../../../core-webnn/index.ts";
import type { BackendThreads } from "../../../core-webnn/api/backend.ts";
import { perceptronError } from "../../reference/perceptron.ts";

export interface WorkerReport {
  readonly error: number;
  readonly accelerated: boolean;
  readonly threads: number;
  readonly ran: BackendThreads;
  readonly lost: string;
}

await installWebNN({ force: true });
const { ml } = navigator as unknown as {
  ml: { createContext(options: MLContextOptions): Promise<MLContext> };
};
const reports: WorkerReport[] = [];
for (const options of workerData as readonly MLContextOptions[]) {
  const context = await ml.createContext(options);
  const error = await perceptronError(context);
  const offered = extensions(context);
  if (!offered.dynamicDimensions) throw new Error("a context of another implementation");
  const { threads } = await offered.statistics();
  context.destroy();
  const { message } = await context.lost;
  const { accelerated } = context;
  reports.push({ error, accelerated, threads, ran: offered.threads, lost: message });
}
parentPort!.postMessage(reports);

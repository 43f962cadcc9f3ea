/**
 * The device's end of a channel to a helper thread, the same for browsers' workers and Node's.
 *
 * What such a worker runs is `serveThread`, with its own way to listen:
 *
 *     serveThread((onMessage) => self.addEventListener("message", ({ data }) => onMessage(data)));
 *     serveThread((onMessage) => parentPort.on("message", onMessage));
 */
import type { Worker as NodeWorker } from "node:worker_threads";

export interface ThreadPort {
  post(message: unknown): void;
  /** Called once the thread is gone, with the reason. */
  onEnd(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

export function webWorkerPort(worker: Worker): ThreadPort {
  return {
    post: (message) => worker.postMessage(message),
    onEnd(listener) {
      worker.addEventListener("error", ({ message }) => listener(message || "it did not start"));
      worker.addEventListener("messageerror", () => listener("it could not read a message"));
    },
    close: async () => worker.terminate(),
  };
}

/** Such a worker does not keep the process alive. */
export function nodeWorkerPort(worker: NodeWorker): ThreadPort {
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    onEnd(listener) {
      worker.on("error", (error) => listener(error.message));
      worker.on("messageerror", (error) => listener(error.message));
      worker.on("exit", (code) => listener(`it exited with code ${code}`));
    },
    close: async () => void (await worker.terminate()),
  };
}

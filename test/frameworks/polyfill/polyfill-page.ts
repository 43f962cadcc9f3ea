/** Answers in the page, or asks a worker that has a polyfill of its own. */
import { answerWith } from "../harness/answer.ts";
import { negate, type Task } from "./negate.ts";

answerWith(async ({ inWorker, ...task }: Task & { readonly inWorker: boolean }) => {
  if (!inWorker) return negate(task);
  const worker = new Worker("/in-worker.js", { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(task);
    });
  } finally {
    worker.terminate();
  }
});

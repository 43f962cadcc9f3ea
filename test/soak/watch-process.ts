/** What of this Node process may outlive a context: workers, their listeners, threads, timers, and memory. */
import { subscribe } from "node:diagnostics_channel";
import { existsSync, readdirSync } from "node:fs";
import type { Worker } from "node:worker_threads";

export interface Leftovers {
  /** That this thread started and that have not ended. */
  readonly workers: number;
  readonly listeners: number;
  /** Of the whole process, helper threads among them; 0 where the system does not tell. */
  readonly threads: number;
  /** What keeps an event loop alive, timers among it. */
  readonly resources: readonly string[];
}

const threads = "/proc/self/task";
const events = ["message", "messageerror", "error", "exit"] as const;

/** To be called before there are workers. */
export function watchProcess(): () => Leftovers {
  const workers = new Set<Worker>();
  subscribe("worker_threads", (message) => {
    const { worker } = message as { readonly worker: Worker };
    workers.add(worker);
    worker.once("exit", () => workers.delete(worker));
  });
  return () => ({
    workers: workers.size,
    listeners: [...workers].reduce((sum, worker) => sum + listenersOf(worker), 0),
    threads: existsSync(threads) ? readdirSync(threads).length : 0,
    resources: process.getActiveResourcesInfo().sort(),
  });
}

function listenersOf(worker: Worker): number {
  return events.reduce((sum, event) => sum + worker.listenerCount(event), 0);
}

/** `engine`: this thread's objects and what they own outside the heap. */
export function memorySample(): { readonly engine: number; readonly rss: number } {
  const { heapUsed, external, rss } = process.memoryUsage();
  return { engine: heapUsed + external, rss };
}

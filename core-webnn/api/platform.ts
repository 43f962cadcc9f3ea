/**
 * What differs between browsers and Node: how a worker of ours is started, and whether this thread is one
 * that must not be kept busy.
 *
 * The worker is the static module file beside this one, named by a literal `new URL(…, import.meta.url)`:
 * bundlers find it, and a content security policy needs no `blob:`.
 */
import type * as NodeThreads from "node:worker_threads";

export interface WorkerPort {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once the worker is gone, with the reason. */
  onEnd(listener: (reason: string) => void): void;
  /** Node's process lives on while an answer is awaited, and only then. */
  setAwaited(isAwaited: boolean): void;
  close(): Promise<void>;
}

/** "host" serves a context; "thread" helps a CPU device. */
export type WorkerRole = "host" | "thread";

/** Undefined in browsers. */
export function nodeThreads(): typeof NodeThreads | undefined {
  return nodeModule<typeof NodeThreads>("node:worker_threads");
}

/** Pages and Node's first thread have an event loop that others wait for; workers may run inline. */
export function isMainThread(): boolean {
  return nodeThreads()?.isMainThread ?? typeof document !== "undefined";
}

export function mayShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  return nodeThreads() !== undefined || globalThis.crossOriginIsolated === true;
}

export function processorCount(): number {
  // Node 20 has no navigator.
  return globalThis.navigator?.hardwareConcurrency ?? nodeParallelism() ?? 1;
}

export function startWorker(role: WorkerRole): WorkerPort {
  const node = nodeThreads();
  if (node !== undefined) return nodePort(node, role);
  if (typeof Worker === "undefined") {
    throw new DOMException("no workers can be started here: create the context in a page or a worker", "NotSupportedError"); // prettier-ignore
  }
  return webPort(
    new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: role }),
  );
}

function webPort(worker: Worker): WorkerPort {
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data)),
    onEnd(listener) {
      worker.addEventListener("error", ({ message }) =>
        listener(message || `the worker file ${workerFile()} did not load`),
      );
      worker.addEventListener("messageerror", () => listener("a message could not be read"));
    },
    setAwaited: () => undefined,
    close: async () => worker.terminate(),
  };
}

/** The worker does not keep the process alive, unless an answer is awaited. */
function nodePort({ Worker: NodeWorker }: typeof NodeThreads, role: WorkerRole): WorkerPort {
  const worker = new NodeWorker(workerFile(), { workerData: { role } });
  worker.unref();
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage(listener) {
      worker.on("message", listener);
      // To listen is to keep alive, for Node.
      worker.unref();
    },
    onEnd(listener) {
      worker.on("error", (error) => listener(error.message));
      worker.on("messageerror", (error) => listener(error.message));
      worker.on("exit", (code) => listener(`it exited with code ${code}`));
    },
    setAwaited: (isAwaited) => (isAwaited ? worker.ref() : worker.unref()),
    close: async () => void (await worker.terminate()),
  };
}

/** Sources are run as they are in development, where the file beside this one is TypeScript too. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./worker.${extension}`, import.meta.url);
}

function nodeParallelism(): number | undefined {
  return nodeModule<{ availableParallelism(): number }>("node:os")?.availableParallelism();
}

/** A module of Node's without an import that bundlers for browsers would trip over. */
function nodeModule<M>(name: string): M | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as M | undefined;
}

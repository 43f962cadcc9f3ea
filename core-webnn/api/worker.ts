/**
 * The one worker file. By its role it is a context's host or a CPU device's helper thread.
 *
 * Messages that arrive before this module has run are kept by the port, so the listener is set at once.
 */
import { serveThread } from "../cpu/runtime/serve-thread.ts";
import { createHost } from "./host.ts";
import { nodeThreads, type WorkerPort, type WorkerRole } from "./platform.ts";
import { serveRequests } from "./remote.ts";

type OwnPort = Pick<WorkerPort, "post" | "onMessage">;

function ownPort(): { readonly role: WorkerRole; readonly port: OwnPort } {
  const node = nodeThreads();
  if (node !== undefined) {
    const parent = node.parentPort!;
    return {
      role: (node.workerData as { role: WorkerRole }).role,
      port: {
        post: (message, transfer = []) => parent.postMessage(message, transfer),
        onMessage: (listener) => void parent.on("message", listener),
      },
    };
  }
  const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
  return {
    role: scope.name as WorkerRole,
    port: {
      post: (message, transfer = []) => scope.postMessage(message, [...transfer]),
      onMessage: (listener) => scope.addEventListener("message", ({ data }) => listener(data)),
    },
  };
}

/** As much of the worker's global scope as is used here; the DOM's types do not have it. */
interface DedicatedWorkerGlobalScope {
  readonly name: string;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

const { role, port } = ownPort();
if (role === "thread") serveThread((listener) => port.onMessage(listener));
else serveRequests(port, { ...createHost() });

/**
 * The one worker file. By its role it is a context's host or a CPU device's helper thread, and loads what that needs.
 * A part that does not load fails this module, which whoever started the worker hears of.
 */
import { nodeThreads, type WorkerPort, type WorkerRole } from "./platform.ts";

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

/** Keeps messages that arrive before there is a listener for them. */
function keepMessages(port: OwnPort): OwnPort {
  const early: unknown[] = [];
  let listener = (message: unknown): void => void early.push(message);
  port.onMessage((message) => listener(message));
  return {
    post: (message, transfer) => port.post(message, transfer),
    onMessage(next) {
      listener = next;
      early.splice(0).forEach(next);
    },
  };
}

const { role, port: own } = ownPort();
const port = keepMessages(own);
// Each role loads what it needs: a helper thread has no use for the compiler.
if (role === "thread") {
  const { serveThread } = await import("../cpu/runtime/serve-thread.ts");
  serveThread((listener) => port.onMessage(listener));
} else {
  const [{ createHost }, { serveRequests }] = await Promise.all([
    import("./host.ts"),
    import("./remote.ts"),
  ]);
  serveRequests(port, { ...createHost() });
}

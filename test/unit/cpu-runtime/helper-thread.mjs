/** What a helper's worker runs in tests: Node does not hand the TypeScript loader on to workers. */
import { parentPort } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { serveThread } = await import("../../../core-webnn/cpu/runtime/serve-thread.ts");
serveThread((onMessage) => parentPort.on("message", onMessage));

/** Workers that do not load, or end in the middle of a dispatch: what waits for them is told, and nothing stays. */
import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Worker } from "node:worker_threads";
import { build } from "esbuild";
import type * as Core from "../../core-webnn/index.ts";
import { ml, type MLContext } from "../../core-webnn/index.ts";
import { beginLongDispatch, soon } from "./long-dispatch.ts";

const core = fileURLToPath(new URL("../../core-webnn/", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "webnn-failures-"));
writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
after(() => rmSync(folder, { recursive: true }));

const workers: Worker[] = [];
before(() => subscribe("worker_threads", (message) => workers.push((message as { worker: Worker }).worker))); // prettier-ignore

/** Bundles the core as an application would, without the files whose names begin so. */
async function importWithout(name: string, missing: string): Promise<typeof Core> {
  const outdir = path.join(folder, name);
  await build({
    entryPoints: [path.join(core, "index.ts"), path.join(core, "api/worker.ts")],
    entryNames: "[name]",
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  const files = readdirSync(outdir).filter((file) => file.startsWith(missing));
  assert.equal(files.length, 1, readdirSync(outdir).join());
  rmSync(path.join(outdir, files[0]!));
  return (await import(pathToFileURL(path.join(outdir, "index.js")).href)) as typeof Core;
}

async function withinSoon<T>(what: string, promise: Promise<T>): Promise<T> {
  const late = new AbortController();
  const alarm = setTimeout(soon, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${what} took more than ${soon} ms`);
  });
  try {
    return await Promise.race([promise, alarm]);
  } finally {
    late.abort();
    alarm.catch(() => {});
  }
}

test("a worker file that is not there: no context, and the file is named", async () => {
  const application = await importWithout("no-worker", "worker.");
  await assert.rejects(application.ml.createContext({ deviceType: "cpu" }), {
    name: "NotSupportedError",
    message: /worker\.js/,
  });
});

test("a part of the host that does not load: no context, and the file is named", async () => {
  const application = await importWithout("no-host", "host-");
  await assert.rejects(application.ml.createContext({ deviceType: "cpu" }), {
    name: "NotSupportedError",
    message: /host-\w+\.js/,
  });
});

test("a helper that does not load loses the context", async () => {
  const application = await importWithout("no-helper", "serve-thread-");
  const context = await application.ml.createContext({ deviceType: "cpu", numThreads: 2 });
  const { message } = await withinSoon("the loss", context.lost);
  assert.match(message, /helper thread 1 ended: .*serve-thread-\w+\.js/);
  await assert.rejects(context.createTensor({ dataType: "int8", shape: [1] }), {
    name: "InvalidStateError",
  });
});

const endings: readonly {
  readonly what: string;
  readonly end: (context: MLContext, host: Worker) => void;
  readonly says: RegExp;
}[] = [
  {
    what: "destroying a context",
    end: (context) => context.destroy(),
    says: /^the context was destroyed$/,
  },
  {
    what: "the end of its worker",
    end: (_, host) => void host.terminate(),
    says: /^the context's worker ended: it exited with code 1$/,
  },
];

for (const { what, end, says } of endings) {
  for (const numThreads of [1, 2]) {
    test(`${what} in the middle of a dispatch on ${numThreads} threads`, async () => {
      const context = await ml.createContext({ deviceType: "cpu", numThreads });
      const host = workers.at(-1)!;
      const exited = new Promise((resolve) => host.once("exit", resolve));
      const { reading } = await beginLongDispatch(context);
      await setTimeout(200);
      const creating = context.createTensor({ dataType: "int8", shape: [1] });
      end(context, host);
      for (const pending of [reading, creating]) {
        await withinSoon("a rejection", assert.rejects(pending, { name: "InvalidStateError" }));
      }
      assert.match((await withinSoon("the loss", context.lost)).message, says);
      await withinSoon("the worker's end", exited);
    });
  }
}

/**
 * Runs conformance cases in a page of a browser: a server hands the cases out and takes the results. The page is
 * cross-origin isolated.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { start, type Engine } from "../browser/engines.ts";
import { patience } from "../setup/patience.ts";
import type { Case } from "./cases.ts";
import type { FromPage, PageTask } from "./page-messages.ts";
import type { Result } from "./result.ts";

export interface Listener {
  onOpen(engine: string, adapter: string | undefined): void;
  onResult(result: Result): void;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Resolves when the page has told the result of every case. */
export async function runInBrowser(
  engine: Engine,
  task: PageTask,
  cases: readonly Case[],
  listener: Listener,
): Promise<void> {
  const scripts = await bundle();
  const conversation = converse(cases, listener);
  let ask: () => void = () => {};
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/") ask();
    if (pathname === "/tell") return void take(request, response, conversation.hear);
    const body = pathname === "/cases" ? JSON.stringify(cases) : scripts.get(pathname);
    const type = pathname.endsWith(".js") ? "text/javascript" : pathname === "/" ? "text/html" : "application/json"; // prettier-ignore
    response.writeHead(body === undefined ? 404 : 200, { ...isolation, "content-type": type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  const target = { url: `http://localhost:${port}/?device=${task.device}`, isolated: true };
  try {
    const browser = await start(engine, target, asked);
    void browser.ended.then((said) => conversation.fail(`${engine.title} ended: ${said}`));
    await conversation.begin().finally(() => browser.close());
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Hears the page out, and once it is waited for fails when it falls silent. */
function converse(cases: readonly Case[], { onOpen, onResult }: Listener) {
  let heard = 0;
  let fail: (why: string) => void = () => {};
  let resolve: () => void = () => {};
  const finished = new Promise<void>((settle, reject) => {
    resolve = settle;
    fail = (why) => reject(new Error(why));
  });
  finished.catch(() => {}); // Whoever waits for it hears of it.
  const current = () => cases[heard]?.name ?? "the page";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const waitOn = () => {
    stop();
    timer = setTimeout(() => fail(`no word for ${patience / 1000} s from ${current()}`), patience);
  };
  const begin = (): Promise<void> => {
    waitOn();
    return finished.finally(stop);
  };
  const hear = (message: FromPage): void => {
    waitOn();
    switch (message.kind) {
      case "open":
        return onOpen(message.engine, message.adapter);
      case "result":
        heard++;
        return onResult(message.result);
      case "end":
        return heard === cases.length ? resolve() : fail(`${heard} of ${cases.length} cases ran`);
      case "failed":
        return fail(`${current()}: ${message.message}`);
      default:
        return message satisfies never;
    }
  };
  return { begin, hear, fail };
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  hear: (message: FromPage) => void,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  hear(JSON.parse(Buffer.concat(chunks).toString()) as FromPage);
  response.writeHead(204, isolation).end();
}

/** The page, its script, and the worker beside it, by path. */
async function bundle(): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: [
      path.join(root, "test/conformance/page.ts"),
      path.join(root, "core-webnn/api/worker.ts"),
    ],
    outdir: "/",
    entryNames: "[name]",
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    write: false,
    logLevel: "warning",
  });
  const page = `<!doctype html><title>conformance</title><script type="module" src="./page.js"></script>`;
  return new Map<string, string | Uint8Array>([
    ["/", page],
    ...outputFiles.map((file) => [`/${path.basename(file.path)}`, file.contents] as const),
  ]);
}

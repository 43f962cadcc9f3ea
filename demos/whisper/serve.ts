/**
 * `npm start -- [--port N] [--no-isolation]`: bundles the page and serves it, the model and our clip on this machine.
 *
 * Every answer carries a content security policy that allows no `eval`, no `blob:` and no inline script;
 * WebAssembly needs `wasm-unsafe-eval`. With isolation (COOP and COEP) the page may share memory, so it has threads.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, OutgoingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { modelFiles } from "../cli/model-file-names.ts";
import { modelDirectory } from "../cli/model-files.ts";
import { modelPath } from "./model-urls.ts";

export interface ServeOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Cross-origin isolated, so that memory may be shared between threads. */
  readonly isolated: boolean;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Contents {
  readonly read: () => Promise<Uint8Array>;
  readonly encoding?: "gzip";
}

const here = fileURLToPath(new URL("./", import.meta.url));
const root = path.join(here, "../..");

const securityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wav": "audio/wav",
};

export async function serve({ port, isolated }: ServeOptions): Promise<RunningServer> {
  const site = await collectSite();
  const headers = { "content-security-policy": securityPolicy, ...(isolated ? isolation : {}) };
  const server = createServer((request, response) => {
    answer(site, request, headers).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      (error: unknown) => response.writeHead(500, headers).end(String(error)),
    );
  });
  await listen(server, port);
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
}

async function answer(
  site: ReadonlyMap<string, Contents>,
  { method, url }: IncomingMessage,
  headers: OutgoingHttpHeaders,
): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") return { status: 405, headers };
  const { pathname } = new URL(url ?? "/", "http://localhost");
  const contents = site.get(pathname);
  if (contents === undefined) return { status: 404, headers };
  const body = await contents.read();
  return { status: 200, headers: { ...headers, ...describe(pathname, contents, body) }, body };
}

function describe(pathname: string, { encoding }: Contents, body: Uint8Array): OutgoingHttpHeaders {
  const extension = path.extname(pathname) || ".html";
  return {
    "content-type": types[extension] ?? "application/octet-stream",
    "content-length": body.length,
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
    "cache-control": "no-cache",
  };
}

/** Everything there is to serve, by path: nothing else can be asked for. */
async function collectSite(): Promise<ReadonlyMap<string, Contents>> {
  const file = (...parts: string[]) => ({ read: () => readFile(path.join(...parts)) });
  return new Map<string, Contents>([
    ["/", file(here, "index.html")],
    ["/style.css", file(here, "style.css")],
    ["/icon.svg", file(here, "icon.svg")],
    ["/clip.wav", file(root, "test/data/clip.wav")],
    ...Object.values(modelFiles).map(
      (name) => [modelPath + name, file(modelDirectory(), name)] as const,
    ),
    ...(await bundleScripts()),
  ]);
}

/** The page, its worker, and the core's worker, which lies beside whoever starts it. */
async function bundleScripts(): Promise<(readonly [string, Contents])[]> {
  const { outputFiles } = await build({
    entryPoints: [
      path.join(here, "page.ts"),
      path.join(here, "speech-worker.ts"),
      path.join(root, "core-webnn/api/worker.ts"),
    ],
    outdir: "/",
    entryNames: "[name]",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    write: false,
    logLevel: "warning",
  });
  return outputFiles.map(({ path: name, contents }) => {
    // Every browser since the nineties takes gzip, and the receipt then tells what a real site would load.
    const zipped = gzipSync(contents);
    return [`/${path.basename(name)}`, { read: async () => zipped, encoding: "gzip" }];
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "localhost", resolve);
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8080" },
      "no-isolation": { type: "boolean", default: false },
    },
  });
  const isolated = !values["no-isolation"];
  const { url } = await serve({ port: Number(values.port), isolated });
  console.log(`${url} (${isolated ? "cross-origin isolated: threads" : "one thread"})`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: Error) => {
    // A wrong option or a port in use: the message says which.
    console.error(error.message);
    process.exitCode = 1;
  });
}

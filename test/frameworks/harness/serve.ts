/**
 * Serves a site for tests: pages with our scripts, and folders and files as they are.
 *
 * `/NAME` is an empty page with an import map and the script of that name. A page of ours has the polyfill first, an
 * example of the documentation stands for itself. Nothing else is answered than what the site names.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { bundleScripts, ourImports } from "./bundle.ts";

export interface Site {
  /** Name → the file of the page's script, in TypeScript. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Name → the text of the page's script, which is served as it is: an example of the documentation. */
  readonly examples?: Readonly<Record<string, string>>;
  /** `/prefix/` → the folder that is served under it. */
  readonly folders?: Readonly<Record<string, string>>;
  /** `/path` → bytes. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Import map beside our own names. */
  readonly imports?: Readonly<Record<string, string>>;
  /** Served with COOP and COEP: memory may be shared, so there are threads. */
  readonly isolated?: boolean;
}

export interface RunningSite {
  /** With a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

type Written = readonly [path: string, bytes: Uint8Array];
type Read = (pathname: string) => Promise<Uint8Array | undefined>;

const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const types: Readonly<Record<string, string>> = {
  "": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".png": "image/png",
  ".wav": "audio/wav",
};

export async function serveSite(site: Site): Promise<RunningSite> {
  const read = await reader(site);
  const headers = { "cache-control": "no-store", ...(site.isolated === true ? isolation : {}) };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const type = types[path.extname(pathname)] ?? "application/octet-stream";
    read(decodeURIComponent(pathname)).then(
      (body) =>
        response
          .writeHead(body === undefined ? 404 : 200, { ...headers, "content-type": type })
          .end(body),
      (error: unknown) => response.writeHead(500, headers).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function reader(site: Site): Promise<Read> {
  const { pages = {}, examples = {}, folders = {}, files = {}, imports = {} } = site;
  const text = (value: string) => Buffer.from(value);
  const entries = <T>(
    of: Readonly<Record<string, T>>,
    entry: (name: string, value: T) => Written,
  ) => Object.entries(of).map(([name, value]) => entry(name, value));
  const page = (name: string, script: string): Written => [
    `/${name}`,
    text(pageOf(name, script, { ...ourImports, ...imports })),
  ];
  const written = new Map<string, Uint8Array>([
    ...(await bundleScripts(pages)),
    ...entries(pages, (name) =>
      page(name, `import "webnn-anywhere/polyfill"; await import("/${name}.js");`),
    ),
    ...entries(examples, (name, code) => [`/${name}.js`, text(code)]),
    ...entries(examples, (name) => page(name, `import "/${name}.js";`)),
    ...Object.entries(files),
  ]);
  return async (pathname) => written.get(pathname) ?? readFrom(folders, pathname);
}

function pageOf(title: string, script: string, imports: Readonly<Record<string, string>>): string {
  return `<!doctype html>
<title>${title}</title>
<link rel="icon" href="data:," />
<script>
  globalThis.answering = new Promise((resolve) => (globalThis.answer = resolve));
</script>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">${script}</script>
`;
}

/** Undefined where no folder has it. */
async function readFrom(
  folders: Readonly<Record<string, string>>,
  pathname: string,
): Promise<Uint8Array | undefined> {
  const found = Object.entries(folders).find(([prefix]) => pathname.startsWith(prefix));
  if (found === undefined) return undefined;
  const [prefix, folder] = found;
  const file = path.join(folder, pathname.slice(prefix.length));
  if (path.relative(folder, file).startsWith("..")) return undefined;
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

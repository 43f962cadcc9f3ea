/** Serves the bench's worker, ours and the peer's code, the model and a clip to a cross-origin isolated page. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { modelDirectory } from "../../../demos/cli/model-files.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
const headers = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cache-control": "no-store",
};

export interface BenchServer {
  readonly url: string;
  /** Bytes of scripts and WebAssembly served since the last call, not compressed. */
  takeCodeBytes(): number;
  close(): Promise<void>;
}

export async function serveBench(clip: string): Promise<BenchServer> {
  const scripts = await bundle();
  const folders: readonly (readonly [string, string])[] = [
    ["/model/", modelDirectory()],
    ["/ort/", path.join(root, "test/peers/node_modules/onnxruntime-web/dist")],
  ];
  const read = async (pathname: string): Promise<Uint8Array | undefined> => {
    if (pathname === "/") return Buffer.from("<!doctype html><title>bench</title>");
    if (pathname === "/clip.wav") return readFile(clip);
    const folder = folders.find(([prefix]) => pathname.startsWith(prefix));
    if (folder === undefined) return scripts.get(pathname);
    const file = path.join(folder[1], pathname.slice(folder[0].length));
    return file.startsWith(folder[1]) ? readFile(file) : undefined;
  };
  let codeBytes = 0;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const type = types[path.extname(pathname) || ".html"] ?? "application/octet-stream";
    read(pathname).then(
      (body) => {
        if (/\.(m?js|wasm)$/.test(pathname)) codeBytes += body?.byteLength ?? 0;
        const status = body === undefined ? 404 : 200;
        response.writeHead(status, { ...headers, "content-type": type }).end(body);
      },
      (error: unknown) => response.writeHead(500, headers).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    takeCodeBytes() {
      const bytes = codeBytes;
      codeBytes = 0;
      return bytes;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function bundle(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: {
      bench: path.join(root, "test/bench/whisper/worker.ts"),
      worker: path.join(root, "core-webnn/api/worker.ts"),
    },
    outdir: "/",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    write: false,
    logLevel: "warning",
  });
  return new Map(outputFiles.map((file) => [`/${path.basename(file.path)}`, file.contents]));
}

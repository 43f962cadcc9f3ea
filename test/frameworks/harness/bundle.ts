/**
 * The scripts of a site: its pages and what an application installs of ours, from the sources.
 *
 * Peers are not among them: pages import their unmodified files by URL when they run.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Our public doors, by the names under which applications import them. */
export const ourImports = {
  "webnn-anywhere": "/webnn-anywhere.js",
  "webnn-anywhere/polyfill": "/polyfill.js",
  "webnn-anywhere/onnxruntime": "/onnxruntime.js",
} as const;

/** `pages`: name → file. Gives path → text; the core's worker is a file beside whoever starts it. */
export async function bundleScripts(
  pages: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: {
      ...pages,
      "webnn-anywhere": path.join(root, "core-webnn/index.ts"),
      polyfill: path.join(root, "core-webnn/polyfill.ts"),
      onnxruntime: path.join(root, "adapters/onnxruntime/index.ts"),
      worker: path.join(root, "core-webnn/api/worker.ts"),
    },
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    // package.json tells the side effects of the files in dist, not of the sources.
    ignoreAnnotations: true,
    write: false,
    logLevel: "warning",
  });
  return new Map(outputFiles.map((file) => [`/${path.basename(file.path)}`, file.contents]));
}

/** Bundles the pages and the workers into one folder, each worker a file beside the scripts that start it. */
import { copyFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { interfaces } from "../unit/api/idl.ts";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = path.join(here, "../..");

export async function bundlePages(folder: string): Promise<void> {
  await build({
    entryPoints: [
      path.join(here, "page/tests.ts"),
      path.join(here, "page/policy-page.ts"),
      path.join(here, "page/api-worker.ts"),
      path.join(root, "core-webnn/api/worker.ts"),
      path.join(root, "demos/whisper/speech-worker.ts"),
    ],
    outdir: folder,
    entryNames: "[name]",
    bundle: true,
    // For page/idl-tests.ts, which cannot read the IDL itself.
    define: { INTERFACES: JSON.stringify(interfaces) },
    format: "esm",
    target: "es2022",
    platform: "browser",
    logLevel: "warning",
  });
  copyFileSync(path.join(here, "page/policy.html"), path.join(folder, "policy.html"));
}

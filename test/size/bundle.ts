/** What a page downloads of the built package: bundled, minified, compressed as a server would. */
import { brotliCompressSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

export interface Bundle {
  readonly files: readonly { readonly name: string; readonly brotli: number }[];
  readonly brotli: number;
  /** Minified bytes by folder or file of `dist/`, largest first: what to look at when it is too large. */
  readonly parts: readonly (readonly [string, number])[];
}

/** `entries`: file names without extension → paths in `dist/`. What several need is a file of its own. */
export async function bundle(entries: Readonly<Record<string, string>>): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, file]) => [name, dist + file]),
    ),
    outdir: "/",
    absWorkingDir: dist,
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    external: ["onnxruntime-common"],
    metafile: true,
    write: false,
  });
  const files = outputFiles.map(({ path, contents }) => ({
    name: path.slice(1),
    brotli: brotliCompressSync(contents).length,
  }));
  const brotli = files.reduce((sum, file) => sum + file.brotli, 0);
  return { files, brotli, parts: partsOf(Object.values(metafile.outputs)) };
}

interface Output {
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

function partsOf(outputs: readonly Output[]): [string, number][] {
  const parts = new Map<string, number>();
  for (const [file, { bytesInOutput }] of outputs.flatMap(({ inputs }) => Object.entries(inputs))) {
    const part = file.split("/").slice(0, 2).join("/");
    parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
  }
  return [...parts].sort(([, a], [, b]) => b - a);
}

/**
 * `npm run build`: compiles the sources into `dist/`, from scratch.
 *
 * Three packages of which small parts are used (a protobuf reader, layouts of uniforms, a wav decoder) are copied in:
 * what is used of each becomes one file in `dist/vendor/`, under its licence. So the package brings no dependencies,
 * and nobody installs 10 MB for 20 kB.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { reachable } from "./reachable.ts";
import { rollup, type Plugin } from "rollup";

interface Vendored {
  /** As sources import it. */
  readonly specifier: string;
  readonly names: readonly string[];
  /** In `dist/vendor/`, without an extension. */
  readonly file: string;
  readonly licence: string;
  /** Where declarations of ours name its types: what declares them. */
  readonly types?: string;
  /** Set where Rollup keeps what nobody uses, because it runs when it is loaded: the calls of it that are needed. */
  readonly calls?: readonly string[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const dist = path.join(root, "dist");
const packages = path.join(root, "node_modules");
/** The module that names what is copied. */
const entry = "\0entry";

const vendored: readonly Vendored[] = [
  {
    specifier: "pbf",
    names: ["PbfReader"],
    file: "pbf",
    licence: "pbf/LICENSE",
    types: "pbf/index.d.ts",
  },
  {
    specifier: "webgpu-utils/dist/1.x/webgpu-utils.module.js",
    names: ["makeStructuredView"],
    file: "webgpu-utils",
    licence: "webgpu-utils/LICENSE.md",
    // It has a shader parser whose classes have static instances.
    calls: ["setIntrinsicsToView"],
  },
  {
    specifier: "@audio/decode-wav",
    names: ["decoder"],
    file: "decode-wav",
    licence: "@audio/decode-wav/LICENSE",
  },
];

rmSync(dist, { recursive: true, force: true });
compile();
for (const one of vendored) await vendor(one);
importVendored();

/** What the compiler complains of, it has printed. */
function compile(): void {
  const compiler = path.join(packages, "typescript", "bin", "tsc");
  const args = [compiler, "-p", "tsconfig.build.json"];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

/** Rollup, because it drops what nobody calls: esbuild keeps 165 kB of a shader parser. */
async function vendor(one: Vendored): Promise<void> {
  const { specifier, file, licence, types } = one;
  const text = readFileSync(path.join(packages, licence), "utf8").trim();
  const source = fileURLToPath(import.meta.resolve(specifier));
  const bundle = await rollup({ input: entry, plugins: [entryPlugin(one, source)] });
  await bundle.write({
    file: path.join(dist, "vendor", `${file}.js`),
    format: "es",
    banner: `/*!\n${path.dirname(licence)}\n\n${text}\n*/`,
  });
  await bundle.close();
  if (types) copyFileSync(path.join(packages, types), path.join(dist, "vendor", `${file}.d.ts`));
}

function entryPlugin({ names, calls }: Vendored, source: string): Plugin {
  return {
    name: "entry",
    resolveId: (id) => (id === entry ? id : null),
    load: (id) =>
      id === entry ? `export { ${names.join(", ")} } from ${JSON.stringify(source)};` : null,
    transform(code, id) {
      return calls && id === source
        ? { code: reachable(code, this.parse(code), names, calls), map: null }
        : null;
    },
  };
}

/** Points the imports of what was copied at the copies. */
function importVendored(): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (!/\.(js|d\.ts)$/.test(name) || name.startsWith("vendor")) continue;
    const file = path.join(dist, name);
    const before = readFileSync(file, "utf8");
    const after = vendored.reduce((text, { specifier, file: copy }) => {
      const target = path.posix.relative(path.posix.dirname(name), `vendor/${copy}.js`);
      return text.replaceAll(`from "${specifier}"`, `from "${target}"`);
    }, before);
    if (after !== before) writeFileSync(file, after);
  }
}

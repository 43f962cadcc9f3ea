/**
 * Bundles the core's own tests for a page: every file under test/unit and test/ops that needs nothing of Node's but
 * its test runner and its assertions. Where a test takes a device from the environment, it is the CPU device.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = path.join(here, "../../..");

/** Imports alone do not tell that these need Node. */
const nodeOnly: readonly string[] = [
  // They compile shaders for adapters that they know; the operator cases run on the browsers' own.
  ...["scan", "shader-facts", "wgsl-contract", "wgsl-kernels", "wgsl-math"].map(
    (name) => `test/unit/gpu/${name}.test.ts`,
  ),
  // Its clock is a mock of the test runner's.
  "test/unit/api/install.test.ts",
  // It plays documents, of which a page has one already.
  "test/unit/api/allowed-to-use.test.ts",
  // A kind of buffer that it tries is Node's.
  "test/unit/api/buffers.test.ts",
  // It plays Node's workers.
  "test/unit/api/lost.test.ts",
];

const common = {
  bundle: true,
  // package.json says that these files do nothing but export.
  ignoreAnnotations: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  // Of Node alone.
  external: ["webgpu"],
  define: { "process.env": JSON.stringify({ WEBNN_OPS_DEVICE: "cpu" }) },
  logLevel: "warning",
} as const satisfies BuildOptions;

export interface Units {
  readonly files: readonly string[];
  /** Files that stay in Node. */
  readonly left: readonly string[];
}

/** Writes tests.js into the folder, and the worker beside it. */
export async function bundleUnits(folder: string): Promise<Units> {
  const all = testFiles();
  const needing = await filesNeedingNode(all);
  const files = all.filter((file) => !needing.has(file) && !nodeOnly.includes(file));
  await build({
    ...common,
    stdin: { contents: entryOf(files), resolveDir: root },
    outfile: path.join(folder, "tests.js"),
    plugins: [withoutNode, inPages],
  });
  await build({
    ...common,
    entryPoints: [path.join(root, "core-webnn/api/worker.ts")],
    outfile: path.join(folder, "worker.js"),
  });
  return { files, left: all.filter((file) => !files.includes(file)) };
}

function testFiles(): string[] {
  return readdirSync(path.join(root, "test"), { recursive: true, encoding: "utf8" })
    .map((file) => `test/${file}`)
    .filter((file) => /^test\/(unit|ops)\/.*\.test\.ts$/.test(file))
    .sort();
}

function entryOf(files: readonly string[]): string {
  return [
    `import { runSuites } from ${JSON.stringify(replacements["node:test"])};`,
    ...files.flatMap((file) => [`import "begin:${file}";`, `import "./${file}";`]),
    "runSuites();",
  ].join("\n");
}

async function filesNeedingNode(files: readonly string[]): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    ...common,
    entryPoints: files.map((file) => path.join(root, file)),
    external: [...common.external, "node:*"],
    absWorkingDir: root,
    outdir: path.join(root, "build"),
    plugins: [withoutNode],
    write: false,
    metafile: true,
  });
  const outputs = Object.values(metafile.outputs).filter(({ imports }) =>
    imports.some(({ path }) => path.startsWith("node:") && !(path in replacements)),
  );
  return new Set(outputs.map(({ entryPoint }) => entryPoint!));
}

const replacements: Readonly<Record<string, string>> = {
  "node:assert/strict": path.join(here, "assert.ts"),
  "node:test": path.join(here, "node-test.ts"),
};

/** Modules of tests that have another form in pages. */
const withoutNode: Plugin = {
  name: "without Node",
  setup({ onResolve }) {
    for (const name of ["requirements.ts", "adapters.ts"]) {
      onResolve({ filter: new RegExp(`^\\.{1,2}/(.*/)?${name}$`) }, () => ({
        path: path.join(here, name),
      }));
    }
  },
};

/** Each file gets a `node:test` of its own, so that its tests and hooks are a suite. */
const inPages: Plugin = {
  name: "in pages",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:assert\/strict$/ }, ({ path }) => ({ path: replacements[path]! }));
    onResolve({ filter: /^node:test$/ }, ({ importer }) => ({
      path: path.relative(root, importer),
      namespace: "node-test",
    }));
    onLoad({ filter: /.*/, namespace: "node-test" }, ({ path }) => ({
      contents: `import { testsOf } from ${JSON.stringify(replacements["node:test"])};
export const { before, after, test } = testsOf(${JSON.stringify(path)});`,
      resolveDir: root,
    }));
    onResolve({ filter: /^begin:/ }, ({ path }) => ({ path: path.slice(6), namespace: "begin" }));
    onLoad({ filter: /.*/, namespace: "begin" }, ({ path }) => ({
      contents: `import { beginFile } from ${JSON.stringify(replacements["node:test"])};
beginFile(${JSON.stringify(path)});`,
      resolveDir: root,
    }));
  },
};

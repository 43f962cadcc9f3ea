/**
 * Runs the bundled pages in Chromium under Karma, once, and says what happened.
 *
 * Files of the folder are served with a strict content security policy: it binds policy.html and the workers.
 * Karma's own pages, which need inline scripts, are not in that folder.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import karma, { type Middleware, type Reporter, type SpecResult } from "karma";
import { modelDirectory } from "../../demos/cli/model-files.ts";
import { modelPath } from "../../demos/whisper/model-urls.ts";

export interface PageOptions {
  /** Served with COOP and COEP: memory may be shared. */
  readonly isolated: boolean;
  readonly clips: readonly Clip[];
}

export interface Clip {
  /** `/base/…` is the folder; `/clips/…` and `/shared/…` are audio. */
  readonly url: string;
  readonly text: string;
  readonly tokenIds: readonly number[];
}

export interface KarmaRun {
  readonly specs: readonly SpecResult[];
  readonly errors: readonly string[];
  /** What pages wrote to the console. */
  readonly notes: readonly string[];
  /** Paths that were asked for, in order. */
  readonly requests: readonly string[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const minutes = 60_000;

const chromeFlags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // WebGPU on a software adapter.
  "--enable-unsafe-webgpu",
];

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'";

export async function runKarma(
  folder: string,
  chromium: string,
  page: PageOptions,
): Promise<KarmaRun> {
  const collected = { specs: [], errors: [], notes: [], requests: [] } satisfies KarmaRun;
  process.env["CHROME_BIN"] = chromium;
  const options = karmaOptions(folder, page, collectors(collected));
  const parse = { promiseConfig: true, throwErrors: true } as const;
  const config = await karma.config.parseConfig(null, options, parse);
  await new Promise<void>((resolve, reject) => {
    new karma.Server(config, () => resolve()).start().catch(reject);
  });
  return collected;
}

function karmaOptions(folder: string, page: PageOptions, plugin: object): object {
  const shared = path.join(root, "../shared/models/speech");
  const clips = path.join(root, "test/data");
  const served = [`${folder}/*`, `${modelDirectory()}/**`, `${clips}/*.wav`, `${shared}/*.wav`];
  return {
    basePath: folder,
    frameworks: ["mocha"],
    plugins: ["karma-mocha", "karma-chrome-launcher", plugin].map(resolvePlugin),
    files: [
      { pattern: `${folder}/tests.js`, type: "module", watched: false },
      ...served.map((pattern) => ({ pattern, included: false, watched: false })),
    ],
    proxies: {
      [modelPath]: `/absolute${modelDirectory()}/`,
      "/clips/": `/absolute${clips}/`,
      "/shared/": `/absolute${shared}/`,
    },
    customHeaders: [
      ...(page.isolated ? headers(".*", isolation) : []),
      ...headers(`^${folder}/`, { "Content-Security-Policy": policy }),
    ],
    client: { args: [page], mocha: { timeout: minutes }, captureConsole: true },
    browsers: ["Chromium"],
    customLaunchers: { Chromium: { base: "Chrome", flags: chromeFlags } },
    reporters: ["collect"],
    beforeMiddleware: ["collect"],
    browserNoActivityTimeout: 5 * minutes,
    pingTimeout: minutes,
    singleRun: true,
    autoWatch: false,
    logLevel: "WARN",
  };
}

function headers(match: string, values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([name, value]) => ({ match, name, value }));
}

/** Names are resolved from here, not from the folder of the pages. */
function resolvePlugin(plugin: string | object): unknown {
  return typeof plugin === "string" ? createRequire(import.meta.url)(plugin) : plugin;
}

interface Collected {
  readonly specs: SpecResult[];
  readonly errors: string[];
  readonly notes: string[];
  readonly requests: string[];
}

/** Karma's injector reads the text of these functions: they must not be arrows. */
function collectors({ specs, errors, notes, requests }: Collected): object {
  function Collect(this: Reporter): void {
    this.adapters = [];
    this.onSpecComplete = (_, result) => void specs.push(result);
    this.onBrowserError = (_, error) => void errors.push(JSON.stringify(error));
    this.onBrowserLog = (_, log) => void notes.push(log);
  }
  function record(): Middleware {
    return (request, _, next) => {
      requests.push(request.url ?? "");
      next();
    };
  }
  return { "reporter:collect": ["type", Collect], "middleware:collect": ["factory", record] };
}

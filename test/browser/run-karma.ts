/**
 * Runs bundled tests in a browser under Karma, once, and says what happened.
 *
 * Files of the folder are served with a strict content security policy: it binds policy.html and the workers.
 * Karma's own pages, which need inline scripts, are not in that folder.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import karma, { type Launcher, type Middleware, type Reporter, type SpecResult } from "karma";
import { modelDirectory } from "../../demos/cli/model-files.ts";
import { modelPath } from "../../demos/whisper/model-urls.ts";
import { patience } from "../setup/patience.ts";
import { visit, type Engine, type Visit } from "./engines.ts";

/** What a test page is told. */
export interface PageOptions {
  readonly hasWebGpu: boolean;
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

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'";

/** `folder` holds tests.js, which Karma loads, and what it asks for. */
export async function runKarma(
  engine: Engine,
  folder: string,
  page: PageOptions,
): Promise<KarmaRun> {
  const collected = { specs: [], errors: [], notes: [], requests: [] } satisfies KarmaRun;
  const plugin = { ...collectors(collected), ...launcher(engine, page, collected) };
  const options = karmaOptions(folder, page, plugin);
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
    plugins: [createRequire(import.meta.url)("karma-mocha"), plugin],
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
    client: { args: [page], mocha: { timeout: patience }, captureConsole: true },
    browsers: ["Engine"],
    reporters: ["collect"],
    beforeMiddleware: ["collect"],
    captureTimeout: patience,
    // Of starts alone: what has begun to run tests is not started again.
    retryLimit: 1,
    // Longer than a test may take, which fails first and has a name.
    browserNoActivityTimeout: 1.2 * patience,
    browserDisconnectTimeout: patience / 5,
    browserSocketTimeout: patience,
    pingTimeout: patience,
    singleRun: true,
    autoWatch: false,
    logLevel: "WARN",
  };
}

function headers(match: string, values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([name, value]) => ({ match, name, value }));
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

/** Starts and ends the engine for Karma. */
function launcher(engine: Engine, { isolated }: PageOptions, { errors, notes }: Collected): object {
  function Engine(
    this: Launcher,
    baseLauncherDecorator: (launcher: Launcher) => void,
    captureTimeoutLauncherDecorator: (launcher: Launcher) => void,
    retryLauncherDecorator: (launcher: Launcher) => void,
  ): void {
    baseLauncherDecorator(this);
    captureTimeoutLauncherDecorator(this);
    retryLauncherDecorator(this);
    this.name = engine.title;
    let browser: Visit | undefined;
    const close = async (error?: string): Promise<void> => {
      const closing = browser;
      browser = undefined;
      await closing?.close();
      // oxlint-disable-next-line no-underscore-dangle -- Karma's name.
      this._done(error);
    };
    this.on("start", (url) => {
      const started = visit(engine, { url, isolated });
      browser = started;
      void started.ended.then((said) => {
        if (browser !== started) return;
        // Karma misses a browser that was at its page by itself; of another it must be told.
        (this.isCaptured() ? errors : notes).push(`${engine.title} ended: ${said}`);
        if (!this.isCaptured()) void close("it ended before it came to the page");
      });
    });
    this.on("kill", (done) => void close().then(done));
  }
  return { "launcher:Engine": ["type", Engine] };
}

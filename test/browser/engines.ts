/**
 * The browsers that tests run in: where each is, and how it is started without a window on a page of ours. No driver
 * is needed: the page itself tells the server what it found.
 *
 * Each start has a fresh profile and asks nothing of the network. WebGPU is on where the engine has it, on whichever
 * software adapter it finds.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { patience } from "../setup/patience.ts";

export interface Engine {
  readonly title: string;
  /** The file to start; `variable` may name another. */
  readonly executable: string;
  readonly variable: string;
  readonly hasWebGpu: boolean;
  /** `profile` is an empty folder, removed at the end. */
  command(start: Target & { readonly profile: string }): Command;
}

/** A page to start on. */
export interface Target {
  readonly url: string;
  /** Served with COOP and COEP. */
  readonly isolated: boolean;
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const chromium: Engine = {
  title: "Chromium",
  ...locate("CHROME_BIN", ["/usr/bin/chromium"]),
  hasWebGpu: true,
  command: ({ url, profile }) => ({
    file: chromium.executable,
    args: [...chromiumFlags, `--user-data-dir=${profile}`, url],
  }),
};

const chromiumFlags = [
  "--headless=new",
  "--no-sandbox",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  // WebGPU on a software adapter.
  "--enable-unsafe-webgpu",
];

const firefox: Engine = {
  title: "Firefox",
  ...locate("FIREFOX_BIN", ["/usr/bin/firefox-esr", "/usr/bin/firefox"]),
  hasWebGpu: true,
  command({ url, profile }) {
    const lines = Object.entries(firefoxPreferences).map(
      ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`,
    );
    writeFileSync(path.join(profile, "user.js"), lines.join("\n"));
    const args = ["--headless", "--no-remote", "--profile", profile, url];
    // Crash reports would be written to the home folder.
    return { file: firefox.executable, args, environment: { MOZ_CRASHREPORTER_DISABLE: "1" } };
  },
};

const firefoxPreferences: Readonly<Record<string, string | number | boolean>> = {
  "dom.webgpu.enabled": true,
  "gfx.webgpu.ignore-blocklist": true,
  // Neither a start page nor questions.
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.max_script_run_time": 0,
  // Nothing from elsewhere.
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.safebrowsing.update.enabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
};

/** WebKit's own small browser on a screen that nobody sees. It has no WebGPU. */
const webkit: Engine = {
  title: "WebKitGTK",
  ...locate(
    "WEBKIT_BIN",
    ["x86_64", "aarch64"].map(
      (machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
    ),
  ),
  hasWebGpu: false,
  command: ({ url, isolated, profile }) => ({
    file: "xvfb-run",
    args: ["--auto-servernum", webkit.executable, "--private", url],
    environment: {
      HOME: profile,
      // This port has it nowhere by default, and once asked everywhere.
      ...(isolated && { JSC_useSharedArrayBuffer: "1" }),
      JSC_useWasmRelaxedSIMD: "1",
      // Processes of root have no user namespace to be shut into.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
    },
  }),
};

export const engines = { chromium, firefox, webkit } as const;

export type EngineName = keyof typeof engines;

/** What the variable names, else the first of these that is there. */
function locate(
  variable: string,
  places: readonly string[],
): Pick<Engine, "executable" | "variable"> {
  const executable = process.env[variable] ?? places.find((file) => existsSync(file)) ?? places[0]!;
  return { executable, variable };
}

export function isInstalled({ executable }: Engine): boolean {
  return existsSync(executable);
}

export interface Visit {
  /** Resolves when the browser has ended, to what it wrote on standard error. */
  readonly ended: Promise<string>;
  /** Ends the browser and all of its processes. */
  close(): Promise<void>;
}

/** Starts the engine on a page. */
export function visit(engine: Engine, target: Target): Visit {
  const profile = mkdtempSync(path.join(tmpdir(), "webnn-browser-"));
  const { file, args, environment } = engine.command({ ...target, profile });
  const child = spawn(file, args, {
    // A group of its own, so that its children end with it.
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let written = "";
  child.stderr.on("data", (chunk: Buffer) => (written = (written + chunk).slice(-4000)));
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(String(error)));
    child.on("close", () => resolve(written));
  });
  const end = () => endGroup(child.pid);
  process.on("exit", end);
  return {
    ended,
    async close() {
      end();
      await ended;
      process.off("exit", end);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * Starts the engine on a page, and resolves when the page was `asked` for. Browsers end or hang at their start now and
 * then, on loaded machines; so there is a second attempt.
 */
export async function start(engine: Engine, target: Target, asked: Promise<void>): Promise<Visit> {
  const failures: string[] = [];
  while (failures.length < 2) {
    const late = new AbortController();
    const browser = visit(engine, target);
    const failure = await Promise.race([
      asked.then(() => undefined),
      browser.ended.then((said) => `it ended: ${said}`),
      setTimeout(patience, `it asked for no page in ${patience / 1000} s`, { signal: late.signal }),
    ]);
    late.abort();
    if (failure === undefined) return browser;
    await browser.close();
    failures.push(failure);
  }
  throw new Error(`${engine.title} did not start, twice: ${failures.join("; ")}`);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

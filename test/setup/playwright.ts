/** Starts Chromium under Playwright, whose code and types live with it in test/peers. */
import { createRequire } from "node:module";
import { patience } from "./patience.ts";

/** What is used of Playwright's page. */
export interface Page {
  goto(url: string): Promise<unknown>;
  /** Milliseconds, for all but `evaluate`, which waits for ever. */
  setDefaultTimeout(timeout: number): void;
  /** The value of a script, which may be a promise. */
  evaluate(script: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  selectOption(selector: string, value: string): Promise<unknown>;
  setInputFiles(selector: string, file: string | FilePayload): Promise<void>;
  waitForSelector(selector: string, options?: { state: "attached" }): Promise<unknown>;
  textContent(selector: string): Promise<string | null>;
  getAttribute(selector: string, name: string): Promise<string | null>;
  screenshot(options: { path: string; fullPage: boolean }): Promise<unknown>;
  on(event: "request", listener: (request: { url(): string }) => void): void;
  on(event: "console", listener: (message: ConsoleMessage) => void): void;
  on(event: "pageerror", listener: (error: Error) => void): void;
  /** Dedicated workers that the page has now. */
  workers(): readonly unknown[];
  close(): Promise<void>;
}

export interface ConsoleMessage {
  type(): string;
  text(): string;
}

export interface FilePayload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export interface Browser {
  newPage(): Promise<Page>;
  version(): string;
  newBrowserCDPSession(): Promise<ProtocolSession>;
  close(): Promise<void>;
}

/** Commands of the DevTools protocol that are used. */
export interface ProtocolSession {
  send(method: "SystemInfo.getProcessInfo"): Promise<{
    readonly processInfo: readonly { readonly id: number; readonly type: string }[];
  }>;
  detach(): Promise<void>;
}

const flags = ["--no-sandbox", "--disable-quic", "--disable-background-networking"];

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

/**
 * `executable`: a Chromium; `more`: flags beside those that every test needs. A browser that does not start, as happens
 * on loaded machines, is started once more. Its pages wait with a test's patience.
 */
export async function launchChromium(
  executable: string,
  more: readonly string[] = [],
): Promise<Browser> {
  const require = createRequire(new URL("../peers/package.json", import.meta.url));
  const { chromium } = require("playwright-core") as Playwright;
  const options = { executablePath: executable, args: [...flags, ...more], timeout: patience };
  const browser = await chromium.launch(options).catch((error: unknown) => {
    console.error(`${executable} is started once more: ${String(error)}`);
    return chromium.launch(options);
  });
  return {
    version: () => browser.version(),
    newBrowserCDPSession: () => browser.newBrowserCDPSession(),
    close: () => browser.close(),
    async newPage() {
      const page = await browser.newPage();
      page.setDefaultTimeout(patience);
      return page;
    },
  };
}

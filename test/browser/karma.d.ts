/** As much of Karma's interface as is used here; it brings no types. */
declare module "karma" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  export interface SpecResult {
    readonly suite: readonly string[];
    readonly description: string;
    readonly success: boolean;
    readonly skipped: boolean;
    readonly log: readonly string[];
  }

  export interface Config {
    readonly kind: unique symbol;
  }

  export type Middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: () => void,
  ) => void;

  /** Called by Karma's injector with `this` to fill. */
  export interface Reporter {
    adapters: unknown[];
    onSpecComplete(browser: unknown, result: SpecResult): void;
    onBrowserError(browser: unknown, error: unknown): void;
    onBrowserLog(browser: unknown, log: string, type: string): void;
  }

  /** Likewise; what it becomes is made by a decorator that Karma injects. */
  export interface Launcher {
    name: string;
    on(event: "start", listener: (url: string) => void): void;
    /** The listener calls `done` when the browser has ended. */
    on(event: "kill", listener: (done: () => void) => void): void;
    /** Whether the browser has come to Karma's page. */
    isCaptured(): boolean;
    _done(error?: string): void;
  }

  const karma: {
    readonly config: {
      parseConfig(
        file: null,
        options: object,
        parse: { readonly promiseConfig: true; readonly throwErrors: true },
      ): Promise<Config>;
    };
    readonly Server: new (
      config: Config,
      done: (exitCode: number) => void,
    ) => { start(): Promise<void> };
  };
  export default karma;
}

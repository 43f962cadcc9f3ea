/** Opens pages of a site in Chromium, asks their scripts, and collects what they loaded and said. */
import type { Browser, Page } from "../../setup/playwright.ts";

/** What a page's script defines: `answerWith(…)` of `answer.ts`. */
export type Answer = { readonly value: unknown } | { readonly error: string };

export interface ConsoleLine {
  readonly type: string;
  readonly text: string;
}

export interface Visit {
  readonly page: Page;
  /** Addresses that the page and its workers asked for, in order. */
  readonly requests: readonly string[];
  readonly lines: readonly ConsoleLine[];
  /** Errors that nobody caught. */
  readonly errors: readonly string[];
  /** What the page's script answers; rejects with its error. Tasks and results are JSON. */
  ask<Result>(task: unknown): Promise<Result>;
}

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const page = await browser.newPage();
  const requests: string[] = [];
  const lines: ConsoleLine[] = [];
  const errors: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => lines.push({ type: message.type(), text: message.text() }));
  // A script that fails never answers.
  const failed = new Promise<never>((_, reject) => {
    page.on("pageerror", (error) => {
      errors.push(error.message);
      reject(error);
    });
  });
  failed.catch(() => {});
  await page.goto(url);
  return {
    page,
    requests,
    lines,
    errors,
    async ask<Result>(task: unknown): Promise<Result> {
      const asked = page.evaluate(`answering.then((answer) => answer(${JSON.stringify(task)}))`);
      const answer = (await Promise.race([asked, failed])) as Answer;
      if ("error" in answer) throw new Error(answer.error);
      return answer.value as Result;
    },
  };
}

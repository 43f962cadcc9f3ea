/** In Chromium: a worker that does not load, and one that is ended in the middle of a dispatch. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serveSite, type Site } from "../frameworks/harness/serve.ts";
import { visit, type Visit } from "../frameworks/harness/visit.ts";
import { chromium, missing } from "../models/whisper/requirements.ts";
import { becomes } from "../setup/patience.ts";
import { launchChromium, type Browser } from "../setup/playwright.ts";
import { soon } from "./long-dispatch.ts";
import type { FailuresAnswer, FailuresTask } from "./failures-page.ts";

const skip = missing("peers", "browser");
const script = fileURLToPath(new URL("failures-page.ts", import.meta.url));
let browser: Browser;

before(async () => {
  if (skip === false) browser = await launchChromium(chromium);
});
after(() => browser?.close());

async function onSite(site: Partial<Site>, body: (page: Visit) => Promise<void>): Promise<void> {
  const running = await serveSite({ pages: { script }, isolated: true, ...site });
  try {
    await body(await visit(browser, `${running.url}script`));
  } finally {
    await running.close();
  }
}

const ask = (page: Visit, task: FailuresTask) => page.ask<FailuresAnswer>(task);

test("a worker file that does not load: no context, and the file is named", { skip }, async () => {
  const files = { "/worker.js": Buffer.from('import "/nothing.js";') };
  await onSite({ files }, async (page) => {
    await assert.rejects(
      ask(page, { kind: "open", numThreads: 1 }),
      /NotSupportedError: .*worker\.js did not load/,
    );
  });
});

for (const numThreads of [1, 2]) {
  test(`destroying a context in a dispatch on ${numThreads} threads`, { skip }, async () => {
    await onSite({}, async (visited) => {
      const answer = await ask(visited, { kind: "interrupt", numThreads });
      assert.deepEqual(answer, ["InvalidStateError", "the context was destroyed"]);
      const { page } = visited;
      assert.ok(await becomes(() => page.workers().length === 0, soon), "its workers end");
    });
  });
}

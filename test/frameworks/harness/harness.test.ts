/** The harness itself: a page reaches our core through `navigator.ml`, and what it did is seen. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium, missing } from "../../models/whisper/requirements.ts";
import { launchChromium, type Browser } from "../../setup/playwright.ts";
import { peerFolder } from "./peers.ts";
import { serveSite } from "./serve.ts";
import { visit } from "./visit.ts";

const skip = missing("peers", "browser");
let browser: Browser;

before(async () => {
  if (skip === false) browser = await launchChromium(chromium);
});
after(() => browser?.close());

for (const isolated of [false, true]) {
  test(`a page${isolated ? " with threads" : ""} adds on navigator.ml`, { skip }, async () => {
    const site = await serveSite({
      pages: { sum: fileURLToPath(new URL("sum-page.ts", import.meta.url)) },
      folders: { "/peer/": peerFolder("onnxruntime-web") },
      isolated,
    });
    try {
      const page = await visit(browser, `${site.url}sum`);
      const sums = await page.ask({ a: [1, 2.5], b: [3, -4] });
      assert.deepEqual(sums, { isolated, sums: [4, -1.5] });
      await assert.rejects(page.ask({ a: [1, 2], b: [1] }), /TypeError: .*b/);
      assert.ok(page.requests.includes(`${site.url}worker.js`), page.requests.join());
      assert.deepEqual(page.errors, []);
      const statuses = await Promise.all(
        ["peer/package.json", "peer/nothing.js", "peer/..%2f..%2fpackage.json", "nothing"].map(
          async (path) => (await fetch(site.url + path)).status,
        ),
      );
      assert.deepEqual(statuses, [200, 404, 404, 404]);
    } finally {
      await site.close();
    }
  });
}

test("an example is served as it stands, with our names to import", { skip }, async () => {
  const site = await serveSite({
    examples: {
      first: `import "webnn-anywhere/polyfill"; answer(async () => ({ value: typeof navigator.ml }));`,
      wrong: `import "webnn-anywhere/polyfill"; throw new Error("it is wrong");`,
    },
  });
  try {
    assert.equal(await (await visit(browser, `${site.url}first`)).ask({}), "object");
    await assert.rejects((await visit(browser, `${site.url}wrong`)).ask({}), /it is wrong/);
  } finally {
    await site.close();
  }
});

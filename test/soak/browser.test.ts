/** The same cycles in Chromium, where workers, the GPU and the collector are other than Node's. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serveSite, type RunningSite } from "../frameworks/harness/serve.ts";
import { visit } from "../frameworks/harness/visit.ts";
import { chromium, missing } from "../models/whisper/requirements.ts";
import { becomes } from "../setup/patience.ts";
import { launchChromium, type Browser } from "../setup/playwright.ts";
import type { PageTask } from "./page.ts";
import { steadinessOf, type Sample } from "./steadiness.ts";

const skip = missing("peers", "browser");
const flags = [
  // Without it a page waits half a minute for the size of its memory.
  "--enable-blink-features=ForceEagerMeasureMemory",
  // Optimised code counts as the page's memory, and grows for thousands of rounds.
  "--js-flags=--no-sparkplug,--no-maglev,--no-opt",
  "--enable-unsafe-webgpu",
];
const tensorByteLength = 2 ** 27;
const tolerance = 0.01;
let [browser, site]: [Browser?, RunningSite?] = [];

before(async () => {
  if (skip !== false) return;
  browser = await launchChromium(chromium, flags);
  const page = fileURLToPath(new URL("page.ts", import.meta.url));
  site = await serveSite({ pages: { page }, isolated: true });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const deviceType of ["cpu", "gpu"] as const) {
  test(`the ${deviceType} device in a page`, { skip }, async (t) => {
    const { page, ask, errors } = await visit(browser!, `${site!.url}page`);
    const tell = (task: PageTask) => ask<readonly Sample[]>(task);
    await tell({ kind: "open", deviceType, numThreads: 1 });
    for (const [kind, count] of [
      ["tensors", 250],
      ["builds", 25],
    ] as const) {
      // prettier-ignore
      for (const { measure, low, high, deviation } of steadinessOf(await tell({ kind, count }))) {
        assert.ok(deviation <= tolerance, `${kind}: ${measure} from ${low} to ${high}`);
      }
    }
    await tell({ kind: "destroy" });
    await tell({ kind: "open", deviceType, numThreads: 2 });
    // What was used before may be given back meanwhile.
    await setTimeout(1000);
    const empty = await processesByteLength();
    await tell({ kind: "hold", byteLength: tensorByteLength });
    await setTimeout(1000);
    const held = await processesByteLength();
    assert.ok(held - empty > 0.9 * tensorByteLength, `${empty} bytes without it, ${held} with it`);
    await tell({ kind: "destroy" });
    assert.ok(await becomes(() => page.workers().length === 0), "its workers end");
    // Chromium's processes come to rest when they get to it.
    let returned = 0;
    const isReturned = await becomes(async () => {
      returned = held - (await processesByteLength());
      return returned > 0.95 * tensorByteLength;
    });
    t.diagnostic(`${returned} bytes of Chromium's were returned by destroy()`);
    assert.ok(isReturned, `${returned} bytes were returned`);
    assert.deepEqual(errors, []);
    await page.close();
  });
}

/** Resident bytes of all of Chromium's processes. */
async function processesByteLength(): Promise<number> {
  const session = await browser!.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.reduce((sum, { id }) => sum + residentByteLength(id), 0);
}

/** None of one that has ended meanwhile. */
function residentByteLength(process: number): number {
  const file = `/proc/${process}/status`;
  const status = existsSync(file) ? readFileSync(file, "utf8") : "";
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

/**
 * The polyfill in browsers that have a WebNN which works, one which does not (the interfaces are there, contexts are
 * refused), and none; in pages and in workers.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium, missing } from "../../models/whisper/requirements.ts";
import { unpackNativeChromium, type NativeChromium } from "../../setup/native-webnn.ts";
import { launchChromium, type Browser } from "../../setup/playwright.ts";
import { readmeExamples } from "../harness/readme-example.ts";
import { serveSite, type RunningSite } from "../harness/serve.ts";
import { visit } from "../harness/visit.ts";
import type { Found } from "./negate.ts";

const skip = missing("peers", "browser");
const flag = ["--enable-features=WebMachineLearningNeuralNetwork"];
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const [first, forced] = readmeExamples("As `navigator.ml`");

let site: RunningSite;
let native: NativeChromium;
const browsers = new Map<string, Browser>();

before(async () => {
  if (skip !== false) return;
  site = await serveSite({
    pages: { page: here("polyfill-page.ts"), "in-worker": here("in-worker.ts") },
    examples: {
      first: `${first} answer(async () => ({ value: context instanceof MLContext }));`,
      forced: `${forced} answer(async () => ({ value: isOurs }));`,
    },
  });
  native = await unpackNativeChromium();
  browsers.set("works", await launchChromium(native.executable, flag));
  browsers.set("refuses", await launchChromium(chromium, flag));
  browsers.set("is not there", await launchChromium(chromium));
});
after(async () => {
  for (const browser of browsers.values()) await browser.close();
  await site?.close();
  await native?.remove();
});

const names = ["ML", "MLContext", "MLGraph", "MLGraphBuilder", "MLOperand", "MLTensor"];

for (const { own, force, isOurs, says } of [
  { own: "works", force: false, isOurs: false },
  { own: "works", force: true, isOurs: true },
  { own: "refuses", force: false, isOurs: true, says: /replaces .*: .*createContext/ },
  { own: "is not there", force: false, isOurs: true },
]) {
  for (const inWorker of [false, true]) {
    const where = inWorker ? "a worker" : "a page";
    const title = `in ${where} whose own WebNN ${own}${force ? ", by force" : ""}`;
    test(`${title}: ${isOurs ? "ours" : "its own"} computes`, { skip }, async () => {
      const page = await visit(browsers.get(own)!, `${site.url}page`);
      const { scope, ...found } = await page.ask<Found>({ force, inWorker });
      assert.equal(scope, inWorker ? "DedicatedWorkerGlobalScope" : "Window");
      const native = isOurs ? [] : names;
      assert.deepEqual(found, { isOurs, native, defined: names, values: [-1, 2, -3] });
      const warnings = page.lines.filter(({ text }) => text.includes("webnn-anywhere"));
      assert.equal(warnings.length > 0, says !== undefined, JSON.stringify(page.lines));
      for (const { text } of warnings) assert.match(text, says!);
      assert.deepEqual(page.errors, []);
      await page.page.close();
    });
  }
}

test("the README's examples run", { skip }, async () => {
  const browser = browsers.get("works")!;
  assert.equal(await (await visit(browser, `${site.url}first`)).ask("done"), true);
  assert.equal(await (await visit(browser, `${site.url}forced`)).ask("done"), true);
});

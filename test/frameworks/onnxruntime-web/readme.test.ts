/** The README's section on onnxruntime-web: its examples run as they stand, and what it warns of is so. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium, missing } from "../../models/whisper/requirements.ts";
import { launchChromium, type Browser } from "../../setup/playwright.ts";
import { peerFolder } from "../harness/peers.ts";
import { readmeExamples } from "../harness/readme-example.ts";
import { serveSite, type RunningSite } from "../harness/serve.ts";
import { visit, type Visit } from "../harness/visit.ts";
import { increment } from "./small-models.ts";

const skip = missing("peers", "browser");
const [inPage, inWorker] = readmeExamples("onnxruntime-web");
const polyfill = 'import "webnn-anywhere/polyfill";\n';

const runSession = `answer(async () => {
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(1, 2, 3), [1, 3]) });
  return { value: [...y.data] };
});`;

const tellError = `answer(async () => {
  const open = () => ort.InferenceSession.create("/model.onnx", { executionProviders: ["webnn"] });
  const errors = [];
  for (let attempt = 0; attempt < 2; attempt++) {
    await open().catch((error) => errors.push(String(error)));
    await import("webnn-anywhere/polyfill");
  }
  return { value: errors };
});`;

const withoutSession = inPage!.replace(/^const session[^]*/m, "");

const examples = {
  "in-page": `${inPage} ${runSession}`,
  unnumbered: `${inPage!.replace(/^ *freeDimensionOverrides.*$/m, "")} ${runSession}`,
  "in-worker": `const worker = new Worker("/inference-worker.js", { type: "module" });
    worker.postMessage(Float32Array.of(1, 2, 3));
    worker.onmessage = ({ data }) => answer(async () => ({ value: [...data] }));`,
  proxy: `${withoutSession} ort.env.wasm.proxy = true; ${tellError}`,
  late: `${withoutSession.replace(polyfill, "")} ${tellError}`,
};

/** Workers have no import maps; a bundler puts files in the place of these names. */
function bundled(script: string): Uint8Array {
  return Buffer.from(
    script
      .replace('"webnn-anywhere/polyfill"', '"/polyfill.js"')
      .replace('"onnxruntime-web"', '"/onnxruntime-web/ort.min.mjs"'),
  );
}

let browser: Browser;
let site: RunningSite;
before(async () => {
  if (skip !== false) return;
  browser = await launchChromium(chromium);
  site = await serveSite({
    examples,
    imports: { "onnxruntime-web": "/onnxruntime-web/ort.min.mjs" },
    folders: { "/onnxruntime-web/": peerFolder("onnxruntime-web/dist") },
    files: {
      "/model.onnx": increment("batch", 3),
      "/inference-worker.js": bundled(inWorker!),
    },
  });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const open = (example: keyof typeof examples): Promise<Visit> => visit(browser, site.url + example);

const warnings = ({ lines }: Visit) => lines.filter(({ text }) => text.startsWith("on wasm"));

test("in a page, sizes given numbers", { skip }, async () => {
  const page = await open("in-page");
  assert.deepEqual(await page.ask({}), [2, 3, 4]);
  assert.deepEqual(warnings(page), []);
});

test("in a page, a size without a number is told by its name", { skip }, async () => {
  const page = await open("unnumbered");
  assert.deepEqual(await page.ask({}), [2, 3, 4]);
  assert.deepEqual(
    warnings(page).map(({ text }) => text),
    ["on wasm, for want of a number: batch"],
  );
});

test("in a worker of the application's", { skip }, async () => {
  const page = await open("in-worker");
  assert.deepEqual(await page.ask({}), [2, 3, 4]);
  assert.deepEqual(page.errors, []);
});

test("ORT's own worker finds no WebNN", { skip }, async () => {
  const [error] = await (await open("proxy")).ask<string[]>({});
  assert.match(error!, /WebNN is not supported in current environment/);
});

test("ORT does not look again after a session that failed", { skip }, async () => {
  const errors = await (await open("late")).ask<string[]>({});
  assert.equal(errors.length, 2);
  for (const error of errors) assert.match(error, /WebNN is not supported in current environment/);
});

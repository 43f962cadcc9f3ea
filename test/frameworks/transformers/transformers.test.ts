/**
 * transformers.js, unmodified, in Chromium: with its WebNN devices on our `navigator.ml`, and with our runtime in the
 * place of onnxruntime-web. The oracle is its own wasm device, and ../shared/models/README.md.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { SessionReport } from "../../../adapters/onnxruntime/index.ts";
import { chromium, missing } from "../../models/whisper/requirements.ts";
import { launchChromium, type Browser } from "../../setup/playwright.ts";
import { readmeExamples } from "../harness/readme-example.ts";
import { relativeError } from "../harness/relative-error.ts";
import type { RunningSite } from "../harness/serve.ts";
import { visit } from "../harness/visit.ts";
import { nodesElsewhere, readPlacements } from "../onnxruntime-web/placements.ts";
import type { Outcome, Task } from "./read-digit.ts";
import { serveTransformers } from "./site.ts";

const skip = missing("peers", "browser", "shared");
const jfk =
  "And so my fellow Americans ask not what your country can do for you, ask what you can do for your country.";

const [onWebNN, asRuntime] = readmeExamples("transformers.js");

let site: RunningSite;
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  // With shared memory: the heap of onnxruntime-web is then a SharedArrayBuffer, and tensors are written from there.
  site = await serveTransformers({
    isolated: true,
    pages: {
      digit: fileURLToPath(new URL("digit-page.ts", import.meta.url)),
      "runtime-digit": fileURLToPath(new URL("runtime-page.ts", import.meta.url)),
    },
    examples: {
      webnn: loudly(onWebNN!),
      late: late(onWebNN!),
      "webnn-gpu": loudly(changed(onWebNN!, '"webnn-cpu"', '"webnn-gpu"')),
      runtime: `${asRuntime}
        const sessions = Object.values(transcribe.model.sessions);
        answer(async () => ({ value: { text, reports: sessions.map(ort.sessionReport) } }));`,
    },
  });
  browser = await launchChromium(chromium, ["--enable-unsafe-webgpu"]);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** The example as it stands, but that its sessions log and what ran its graphs is noted. */
function loudly(example: string): string {
  const louder = changed(example, "session_options: {", "$& logSeverityLevel: 0,");
  return `${louder}
    answer(async () => ({ value: { text, devices: [...devices] } }));`.replace(
    "env.allowLocalModels",
    `const devices = new Set();
     const { dispatch } = MLContext.prototype;
     MLContext.prototype.dispatch = function (graph, ...tensors) {
       graph.devices.forEach((device) => devices.add(device));
       return dispatch.call(this, graph, ...tensors);
     };
     $&`,
  );
}

/** The example with the polyfill behind transformers.js. */
function late(example: string): string {
  const polyfill = 'import "webnn-anywhere/polyfill";\n';
  return changed(changed(example, polyfill, ""), "env.allowLocalModels", `${polyfill}$&`).replace(
    polyfill,
    'await import("webnn-anywhere/polyfill");',
  );
}

function changed(example: string, from: string, to: string): string {
  const text = example.replace(from, to);
  assert.notEqual(text, example);
  return text;
}

// On Chromium's software adapter half a minute: its arithmetic.
for (const [device, example] of [
  ["cpu", "webnn"],
  ["gpu", "webnn-gpu"],
] as const) {
  const title = `the README's first example: Whisper's encoder is all on WebNN, on the ${device}`;
  test(title, { skip }, async () => {
    const page = await visit(browser, `${site.url}${example}`);
    const { text, devices } = await page.ask<{ text: string; devices: string[] }>("done");
    assert.equal(text.trim(), jfk);
    assert.deepEqual(devices, [device]);
    // The log of its two sessions, the encoder's first.
    const lines = page.lines.map(({ text: line }) => line);
    const begin = lines.flatMap((line, i) => (line.includes("Initializing session.") ? [i] : []));
    const encoder = readPlacements(lines.slice(begin[0], begin[1]));
    assert.deepEqual(nodesElsewhere(encoder), []);
    assert.ok(encoder.offered.nodes > 100 && encoder.offered.taken === encoder.offered.nodes);
    assert.deepEqual(page.errors, []);
  });
}

test("it does not look again for a navigator.ml that comes after it", { skip }, async () => {
  const page = await visit(browser, `${site.url}late`);
  await assert.rejects(page.ask("done"), /Unsupported device: "webnn-cpu"/);
});

test("the README's second example: all of Whisper, and no wasm file", { skip }, async () => {
  const page = await visit(browser, `${site.url}runtime`);
  const { text, reports } = await page.ask<{ text: string; reports: SessionReport[] }>("done");
  assert.equal(text.trim(), jfk);
  assert.equal(reports.length, 2);
  for (const { devices, nodes } of reports) {
    assert.deepEqual(devices, ["cpu"]);
    assert.ok(nodes.webnn > 100, JSON.stringify(nodes));
  }
  assert.deepEqual(page.requests.filter(isWasm), []);
  assert.deepEqual(page.errors, []);
});

const nine = "/pictures/mnist_nine.bmp";
const digits = [
  { file: "mnist_tiny_fp32", tolerance: 1e-5 },
  // What a float16 rounds away.
  { file: "mnist_tiny_fp16", tolerance: 2 ** -11 },
];

for (const device of ["webnn", "webnn-cpu", "webnn-gpu"] as const) {
  for (const { file, tolerance } of digits) {
    test(`${file} on ${device} sees a nine, with no node elsewhere`, { skip }, async () => {
      const page = await visit(browser, `${site.url}digit`);
      const task = { file, picture: nine };
      const ours = await page.ask<Outcome>({ ...task, device } satisfies Task);
      assert.deepEqual(ours.report, [device === "webnn-gpu" ? "gpu" : "cpu"]);
      assert.deepEqual(nodesElsewhere(readPlacements(page.lines.map(({ text }) => text))), []);
      const oracle = await page.ask<Outcome>({ ...task, device: "wasm" } satisfies Task);
      assert.equal(largestIndex(ours.logits), 9);
      assert.ok(relativeError(ours.logits, oracle.logits) < tolerance, `${ours.logits}`);
      assert.deepEqual(page.errors, []);
    });
  }
}

test("webnn-npu is refused: there is none", { skip }, async () => {
  const page = await visit(browser, `${site.url}digit`);
  const task: Task = { device: "webnn-npu", file: digits[0]!.file, picture: nine };
  await assert.rejects(page.ask(task), /there is no NPU device/);
});

test("our runtime on the GPU under transformers.js sees a nine", { skip }, async () => {
  const page = await visit(browser, `${site.url}runtime-digit`);
  const { logits, report } = await page.ask<Outcome>({
    device: "auto",
    executionProviders: [{ name: "webnn", deviceType: "gpu" }],
    file: digits[0]!.file,
    picture: nine,
  } satisfies Task);
  assert.equal(largestIndex(logits), 9);
  const { devices, nodes } = report as SessionReport;
  assert.deepEqual(devices, ["gpu"]);
  assert.ok(nodes.webnn > 5, JSON.stringify(nodes));
  assert.deepEqual(page.requests.filter(isWasm), []);
  assert.deepEqual(page.errors, []);
});

const isWasm = (url: string): boolean => /\.wasm|ort-wasm/.test(url);
const largestIndex = (values: readonly number[]): number => values.indexOf(Math.max(...values));

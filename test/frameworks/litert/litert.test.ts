/**
 * LiteRT.js, unmodified, with its accelerator "webnn" on our `navigator.ml` in Chromium. Its own wasm accelerator in
 * the same page is the oracle, beside what ../shared/models/README.md knows.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium, missing } from "../../models/whisper/requirements.ts";
import { launchChromium, type Browser } from "../../setup/playwright.ts";
import { peerFolder } from "../harness/peers.ts";
import { readmeExamples } from "../harness/readme-example.ts";
import { relativeError } from "../harness/relative-error.ts";
import { serveSite, type RunningSite } from "../harness/serve.ts";
import { visit, type Visit } from "../harness/visit.ts";
import type { Outcome, Picture, Task } from "./litert-page.ts";

const skip = missing("peers", "browser", "shared");
const models = fileURLToPath(new URL("../../../../shared/models/tflite/", import.meta.url));
const picture = (name: string, scale: number): Picture => ({
  url: `/models/inputs/${name}`,
  scale,
});

interface Case {
  readonly model: string;
  readonly what: string;
  readonly input: Picture;
  /** Of the first output. */
  readonly known?: { readonly index: number; readonly from: number; readonly to: number };
  /** Relative to the largest value of wasm's; what float32 sums in another order differ by. */
  readonly tolerance?: number;
}

const cases: readonly Case[] = [
  {
    model: "mlt_vww_96_float",
    what: "sees a person",
    input: picture("squat.bmp", 1 / 255),
    known: { index: 1, from: 0.9, to: 1 },
  },
  {
    model: "mlt_pretrainedResnet",
    what: "sees a cat",
    input: picture("cat.bmp", 1),
    // 0.727 with another program's way of making the picture smaller.
    known: { index: 3, from: 0.7, to: 0.75 },
  },
  {
    model: "hand_landmark_lite",
    what: "decodes weights of 16 bits",
    input: picture("squat.bmp", 1 / 255),
  },
  {
    model: "selfie_segmentation",
    what: "finds who is in the middle, with a custom op",
    input: picture("grace_hopper.bmp", 1 / 255),
    known: { index: 128 * 256 + 128, from: 0.9, to: 1 },
    // Of 246 nodes, with gates between them: our CPU comes to differ from wasm by 3e-5, our GPU by 2e-5.
    tolerance: 5e-5,
  },
];

let site: RunningSite;
const browsers = new Map<string, Browser>();

before(async () => {
  if (skip !== false) return;
  site = await serveSite({
    pages: { litert: fileURLToPath(new URL("litert-page.ts", import.meta.url)) },
    examples: {
      readme: `${readmeExamples("LiteRT.js")[0]} answer(async (task) => ({ value: task }));`,
    },
    files: { "/model.tflite": await readFile(`${models}mlt_vww_96_float.tflite`) },
    folders: {
      "/litert/": peerFolder("@litertjs/core"),
      "/wasm-utils/": peerFolder("@litertjs/wasm-utils"),
      "/models/": models,
    },
    imports: {
      "@litertjs/core": "/litert/dist/index.js",
      "@litertjs/wasm-utils": "/wasm-utils/dist/index.js",
    },
  });
  browsers.set("cpu", await launchChromium(chromium));
  browsers.set("gpu", await launchChromium(chromium, ["--enable-unsafe-webgpu"]));
});
after(async () => {
  for (const browser of browsers.values()) await browser.close();
  await site?.close();
});

for (const device of ["cpu", "gpu"] as const) {
  for (const { model, what, input, known, tolerance = 1e-5 } of cases) {
    test(`${model} ${what} on the ${device}, with nothing left on wasm`, { skip }, async (t) => {
      const page = await open(device);
      const started = performance.now();
      const ours = await page.ask<Outcome>(webnn(model, input, device));
      t.diagnostic(`${Math.round(performance.now() - started)} ms`);
      assert.equal(ours.isFullyAccelerated, true);
      const { nodes, onWebNN, devices, refused } = placement(page);
      assert.ok(nodes > 0);
      assert.deepEqual(
        { onWebNN, devices, refused },
        { onWebNN: nodes, devices: device, refused: [] },
      );
      assert.deepEqual(ours.contexts, { made: 1, lost: 1 }, "LiteRT.js destroys its context");
      // Its GPUDevice is not our context's: it is refused, and takes tensors that are copied.
      assert.equal(ours.exportable.asked > 0, device === "gpu");
      assert.equal(ours.exportable.given, 0);
      const wasm = await page.ask<Outcome>({
        model: url(model),
        input,
        options: { accelerator: "wasm" },
      });
      const errors = wasm.outputs.map((values, i) => relativeError(ours.outputs[i]!, values));
      assert.ok(
        errors.every((error) => error < tolerance),
        errors.join(),
      );
      if (known !== undefined) {
        const value = ours.outputs[0]![known.index]!;
        assert.ok(known.from <= value && value <= known.to, `${value}`);
      }
      assert.deepEqual(page.errors, []);
      await page.page.close();
    });
  }
}

test("an op that our limits do not name is left on wasm, and is seen", { skip }, async () => {
  const page = await open("cpu");
  const { model, input } = cases[0]!;
  const ours = await page.ask<Outcome>({ ...webnn(model, input, "cpu"), without: "softmax" });
  const { nodes, onWebNN, refused } = placement(page);
  assert.equal(onWebNN, nodes - 1);
  assert.deepEqual(refused, ["SOFTMAX"]);
  // Its own word for it says nothing of this: what its wasm delegate took counts as well.
  assert.equal(ours.isFullyAccelerated, true);
});

test("the README's example runs", { skip }, async () => {
  const page = await visit(browsers.get("cpu")!, `${site.url}readme`);
  // The example does not know that it is a test: it has run when it has answered.
  assert.equal(await page.ask("done"), "done");
  const printed = page.lines.map(({ text }) => text.split(" ").map(Number));
  const [scores] = printed.filter((values) => values.length === 2 && !values.includes(NaN));
  assert.ok(Math.abs(scores![0]! + scores![1]! - 1) < 1e-6, JSON.stringify(printed));
  assert.equal(placement(page).nodes, placement(page).onWebNN);
});

const url = (model: string): string => `/models/${model}.tflite`;

function webnn(model: string, input: Picture, devicePreference: "cpu" | "gpu"): Task {
  const options = { accelerator: "webnn", webNNOptions: { devicePreference } } as const;
  return { model: url(model), input, options };
}

/** A new page, because LiteRT.js tells the number of nodes for its first model only. */
function open(device: "cpu" | "gpu"): Promise<Visit> {
  return visit(browsers.get(device)!, `${site.url}litert`);
}

/** What LiteRT.js's WebNN delegate says of the model; the devices are those of the MLGraph. */
function placement({ lines }: Visit) {
  const said = lines.map(({ text }) => text).join("\n");
  const counts = /nodes in the graph: (\d+), number of nodes supported by WebNN: (\d+)/.exec(said);
  return {
    nodes: Number(counts?.[1]),
    onWebNN: Number(counts?.[2]),
    devices: /WebNN graph uses device\(s\): (.*)$/m.exec(said)?.[1],
    refused: [...said.matchAll(/(\S+) not delegatable/g)].map(([, name]) => name),
  };
}

/**
 * Real models on unmodified onnxruntime-web: its own WebNN provider finds our `navigator.ml` and leaves no node to its
 * wasm, as its own log tells. Results are known, or those of ORT's own kernels in the same page.
 */
import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { chromium, missing } from "../../models/whisper/requirements.ts";
import { jfk } from "../../models/whisper/clips.ts";
import { launchChromium, type Browser } from "../../setup/playwright.ts";
import { visit, type Visit } from "../harness/visit.ts";
import type { RunningSite } from "../harness/serve.ts";
import type {
  DigitResult,
  Question,
  Ran,
  SpeechResult,
  StoryResult,
  TextLineResult,
} from "./messages.ts";
import type { Bundle } from "./page/open.ts";
import { nodesElsewhere, type Placements } from "./placements.ts";
import { serveModels, urls } from "./site.ts";

const skip = missing("peers", "browser", "shared");

/** Errors relative to the largest value. Sums of floats in another order differ by some units in the last place. */
const tolerance = { fp32: 1e-5, fp16: 2 ** -10 } as const;
/** A hundred layers with their normalisations, and a softmax at the end. */
const deepTolerance = 1e-4;

/**
 * Of an encoder that quantises what it computes with: a value that rounds to its neighbour in 8 bits changes all that
 * follow. ORT's own kernels differ so between its optimisation levels. With twice the variance of either of these
 * ours would differ from one by √(3/2) of that.
 */
const noiseTolerance = Math.sqrt(3 / 2);

/** What the model's makers give for greedy decoding. */
const story =
  "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. " +
  "One day, she saw a big, red ball. She wanted to play with it, but it was too high.";

let browser: Browser;
before(async () => {
  if (skip === false) browser = await launchChromium(chromium, ["--enable-unsafe-webgpu"]);
});
after(() => browser?.close());

const setUps: readonly { bundle: Bundle; threads: number }[] = [
  { bundle: "ort.min.mjs", threads: 2 },
  { bundle: "ort.webgpu.min.mjs", threads: 1 },
  { bundle: "ort.jspi.min.mjs", threads: 1 },
];

for (const { bundle, threads } of setUps) {
  describe(`${bundle} with ${threads} threads`, { skip }, () => {
    let site: RunningSite;
    let page: Visit;
    before(async () => {
      site = await serveModels({ isolated: threads > 1 });
      page = await visit(browser, `${site.url}page`);
    });
    after(async () => {
      await page.page.close();
      await site.close();
    });

    async function run<Result extends Ran>(t: TestContext, question: Question): Promise<Result> {
      const result = await page.ask<Result>({ ...question, bundle, threads });
      const { placements, devices, openMs, runMs } = result;
      t.diagnostic(`${JSON.stringify(placements.counts)}, open ${openMs} ms, run ${runMs} ms`);
      assert.deepEqual(devices, [question.deviceType]);
      assert.deepEqual(page.errors, []);
      return result;
    }

    function assertAllOnWebNN(placements: Placements): void {
      const { nodes } = placements.offered;
      assert.deepEqual(placements.offered, { nodes, taken: nodes, graphs: 1 });
      assert.deepEqual(nodesElsewhere(placements), []);
    }

    for (const deviceType of ["cpu", "gpu"] as const) {
      for (const type of ["fp32", "fp16"] as const) {
        test(`a digit, ${type}, ${deviceType}`, async (t) => {
          const { label, error, placements } = await run<DigitResult>(t, {
            kind: "digit",
            model: urls.digits(type),
            picture: urls.nine,
            deviceType,
          });
          assert.equal(label, 9);
          assert.ok(error <= tolerance[type], `error ${error}`);
          assertAllOnWebNN(placements);
        });
      }

      test(`a line of text, ${deviceType}`, async (t) => {
        const { text, error, placements } = await run<TextLineResult>(t, {
          kind: "text line",
          model: urls.recognition10,
          oracle: urls.recognition,
          picture: urls.line,
          keys: urls.characters,
          deviceType,
        });
        assert.equal(text.trim(), "Hello WebNN 2026");
        assert.ok(error <= deepTolerance, `error ${error}`);
        assertAllOnWebNN(placements);
      });

      test(`a story, its tokens 64-bit integers, ${deviceType}`, async (t) => {
        const { text, placements } = await run<StoryResult>(t, {
          kind: "story",
          model: urls.stories,
          tokenizer: urls.tokens,
          tokens: 61,
          deviceType,
        });
        assert.equal(text.trim(), story);
        assertAllOnWebNN(placements);
      });

      // On Chromium's software adapter half a minute: its arithmetic, at 0.7 GFLOP/s a core.
      test(`a sentence, its encoder on the ${deviceType}`, async (t) => {
        const expected = await jfk();
        const { text, tokenIds, noise, ownNoise, placements } = await run<SpeechResult>(t, {
          kind: "speech",
          clip: urls.jfk,
          deviceType,
        });
        assert.equal(text, expected.text);
        assert.deepEqual(tokenIds, expected.tokenIds);
        t.diagnostic(`noise ${noise}, ORT's own ${ownNoise}`);
        assert.ok(noise <= noiseTolerance * ownNoise, `${noise}, and ORT's own ${ownNoise}`);
        assertAllOnWebNN(placements);
      });
    }

    // The bundles share the provider's code; one is enough.
    if (bundle === "ort.min.mjs")
      test("a line of text, where ORT keeps old operators to itself", async (t) => {
        const { text, error, placements } = await run<TextLineResult>(t, {
          kind: "text line",
          model: urls.recognition,
          oracle: urls.recognition,
          picture: urls.line,
          keys: urls.characters,
          deviceType: "cpu",
        });
        assert.equal(text.trim(), "Hello WebNN 2026");
        assert.ok(error <= deepTolerance, `error ${error}`);
        const { nodes, taken } = placements.offered;
        assert.deepEqual({ nodes, taken }, { nodes: 395, taken: 389 });
        // It checks this for itself: our limits, which offer slice, have no part in it.
        assert.deepEqual(placements.refusedSets, [
          "Current opset since version of Slice is 1, WebNN EP only supports for its opset [10, 27]",
        ]);
        const slices = [4, 5, 6, 10, 11, 12].map((number) => `Slice (p2o.Slice.${number})`);
        assert.deepEqual(nodesElsewhere(placements), slices);
      });
  });
}

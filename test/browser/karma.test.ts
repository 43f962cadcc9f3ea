/** The tests of page/ in Chromium: isolated, with two threads, and as any page, with one worker and no more. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { chromium, missing } from "../models/whisper/requirements.ts";
import { bundlePages } from "./bundle-pages.ts";
import { runKarma, type Clip } from "./run-karma.ts";

const skip = missing("browser");
const folder = mkdtempSync(path.join(tmpdir(), "webnn-pages-"));

before(async () => {
  if (skip === false) await bundlePages(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const own = JSON.parse(readFileSync(new URL("../data/clip.json", import.meta.url), "utf8")) as Pick<
  Clip,
  "text" | "tokenIds"
>;

/** Its words and ids as ../shared/models/README.md has them. */
const jfk: Clip = {
  url: "/shared/jfk.wav",
  text: "And so my fellow Americans ask not what your country can do for you, ask what you can do for your country.",
  tokenIds: [
    400, 370, 452, 7177, 6280, 1029, 406, 437, 428, 1941, 393, 360, 337, 291, 11, 1029, 437, 291,
    393, 360, 337, 428, 1941, 13,
  ],
};

const clips: readonly Clip[] = [
  { url: "/clips/clip.wav", ...own },
  ...(missing("shared") === false ? [jfk] : []),
];

for (const isolated of [true, false]) {
  const name = isolated ? "a page that is cross-origin isolated" : "a page that is not isolated";
  test(name, { skip }, async (t) => {
    const { specs, errors, notes, requests } = await runKarma(folder, chromium, {
      isolated,
      clips,
    });
    notes.forEach((note) => t.diagnostic(note));
    for (const { suite, description, success, log } of specs) {
      await t.test(`${suite.join(" ")} ${description}`, () => {
        assert.ok(success, log.join("\n"));
      });
    }
    await t.test("all tests ran, and nothing else went wrong", () => {
      assert.deepEqual(errors, []);
      assert.equal(specs.length, 10 + clips.length);
      assert.ok(specs.every(({ skipped }) => !skipped));
    });
    await t.test("the worker is a file of ours, and no WebAssembly file is fetched", () => {
      assert.ok(requests.some((url) => url.startsWith("/base/worker.js")));
      assert.deepEqual(
        requests.filter((url) => /\.wasm|ort[-.]|onnxruntime/.test(url)),
        [],
      );
    });
  });
}

/**
 * The tests of page/ in one browser: isolated, with two threads, and as any page, with one worker and no more.
 * Registers them with Node's test runner.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { missing } from "../models/whisper/requirements.ts";
import { bundlePages } from "./bundle-pages.ts";
import type { Engine } from "./engines.ts";
import { runKarma, type Clip } from "./run-karma.ts";

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

export function testPages(engine: Engine, skip: string | false): void {
  const { title, hasWebGpu } = engine;
  const folder = mkdtempSync(path.join(tmpdir(), "webnn-pages-"));
  before(async () => {
    if (skip === false) await bundlePages(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const isolated of [true, false]) {
    const kind = isolated ? "that is cross-origin isolated" : "that is not isolated";
    test(`a page in ${title} ${kind}`, { skip }, async (t) => {
      const page = { hasWebGpu, isolated, clips };
      const { specs, errors, notes, requests } = await runKarma(engine, folder, page);
      notes.forEach((note) => t.diagnostic(note));
      for (const { suite, description, success, log } of specs) {
        await t.test(`${suite.join(" ")} ${description}`, () => {
          assert.ok(success, log.join("\n"));
        });
      }
      await t.test("all tests ran, and nothing else went wrong", () => {
        assert.deepEqual(errors, []);
        assert.equal(specs.length, (hasWebGpu ? 10 : 7) + clips.length);
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
}

/** The core's own tests in a page of one browser. Registers them with Node's test runner, each file a test. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { Engine } from "./engines.ts";
import { runKarma } from "./run-karma.ts";
import { bundleUnits } from "./units/bundle-units.ts";

export function testUnits(engine: Engine, skip: string | false): void {
  const { title, hasWebGpu } = engine;
  test(`the core's tests in ${title}`, { skip }, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "webnn-units-"));
    try {
      const { files, left } = await bundleUnits(folder);
      t.diagnostic(`${files.length} files of tests; ${left.length} that need Node stay there`);
      const page = { hasWebGpu, isolated: true, clips: [] };
      const { specs, errors } = await runKarma(engine, folder, page);
      for (const file of files) {
        await t.test(file, () => {
          const ran = specs.filter(({ suite }) => suite[0] === file);
          assert.ok(ran.length > 0, "none of its tests ran");
          const failed = ran.filter(({ success, skipped }) => !success && !skipped);
          const says = failed.map(({ description, log }) => `${description}: ${log.join("\n")}`);
          assert.deepEqual(says, []);
        });
      }
      assert.deepEqual(errors, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

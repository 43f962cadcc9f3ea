/** Generated text is what is in git: a change of generated code is seen in review. `npm run golden` accepts it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { goldenGraphs } from "./graphs.ts";
import { renderGolden } from "./render.ts";

const folder = new URL("expected/", import.meta.url);

for (const golden of goldenGraphs) {
  test(`${golden.name} compiles to the text in git`, () => {
    for (const [file, text] of Object.entries(renderGolden(golden))) {
      const expected = readFileSync(new URL(file, folder), "utf8");
      assert.equal(text, expected, `${file} has changed; npm run golden writes it anew`);
    }
  });
}

test("no expected text is left of a graph that is gone", () => {
  const files = goldenGraphs.flatMap((golden) => Object.keys(renderGolden(golden)));
  assert.deepEqual(readdirSync(folder).sort(), files.sort());
});

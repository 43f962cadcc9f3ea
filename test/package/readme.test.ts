/** The README's example does what its comment says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createConsumer, root, runModule } from "./consumer.ts";

test("the README's graph runs", () => {
  const readme = readFileSync(`${root}README.md`, "utf8");
  const [, example] = /^## A graph\n+```js\n([^]*?)```/m.exec(readme)!;
  const [, expected] = /\/\/ .*: (\[.*\])$/m.exec(example!)!;
  const consumer = createConsumer();
  try {
    assert.equal(
      runModule(consumer, example!),
      `Float32Array(2) ${expected!.replace(/\[(.*)\]/, "[ $1 ]")}`,
    );
  } finally {
    consumer.remove();
  }
});

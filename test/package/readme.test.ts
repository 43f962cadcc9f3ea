/** The README's example does what its comment says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createConsumer, root, runModule } from "./consumer.ts";

test("the README's ten lines run", () => {
  const readme = readFileSync(`${root}README.md`, "utf8");
  const [, example] = /^## Ten lines\n+```js\n([^]*?)```/m.exec(readme)!;
  const [, promised] = /console\.log\(.*\/\/ (.*)$/m.exec(example!)!;
  const consumer = createConsumer();
  try {
    const [, printed] = /\[(.*)\]/.exec(runModule(consumer, example!))!;
    const [actual, expected] = [printed, promised].map((text) => text!.split(",").map(parseFloat));
    assert.equal(actual!.length, expected!.length);
    actual!.forEach((value, i) => assert.ok(Math.abs(value - expected![i]!) < 1e-3, printed));
  } finally {
    consumer.remove();
  }
});

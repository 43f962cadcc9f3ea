/**
 * Shared code asks what an op is, never which: outside ops/, npu/ and adapters/ no string may be the
 * name of a row. Prints each place and exits with 1 if there is one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rows } from "../../core-webnn/ops/table.ts";

/** Where a word is an op's name only by chance: operations of the kernel IR, instructions, WGSL and DOM words. */
const vocabularies = ["kernel", "cpu", "gpu", "ops", "npu"];
const names = new Set(rows.map(({ name }) => name));
/** Words of the IR that lowering writes ("add", "max"), and of constraints ("equal"); they name no row there. */
const irWords = new Set(["add", "sub", "mul", "div", "min", "max", "neg", "abs", "cast", "equal"]);

const root = new URL("../../core-webnn/", import.meta.url).pathname;
const found = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !vocabularies.includes(file.split("/")[0]!))
  .filter((file) => !file.endsWith("ml-graph-builder-methods.ts"))
  .flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, i) => namesIn(line).map((name) => `core-webnn/${file}:${i + 1}: "${name}"`)),
  );

function namesIn(line: string): string[] {
  return [...line.matchAll(/["'`]([A-Za-z0-9]+)["'`]/g)]
    .map(([, word]) => word!)
    .filter((word) => names.has(word) && !irWords.has(word));
}

found.forEach((place) => console.error(`an op is named outside ops/: ${place}`));
process.exitCode = found.length === 0 ? 0 : 1;

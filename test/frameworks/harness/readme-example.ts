/** The examples of the README, which tests run as they stand. */
import { readFileSync } from "node:fs";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

/** The scripts under a heading, in their order. */
export function readmeExamples(heading: string): string[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`the README has no section "${heading}"`);
  return [...section.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, script]) => script!);
}

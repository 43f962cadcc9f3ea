/** `npm run golden`: writes the expected text of every golden graph anew. Read the diff before committing it. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { goldenGraphs } from "./graphs.ts";
import { renderGolden } from "./render.ts";

const folder = new URL("expected/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const file of readdirSync(folder)) rmSync(new URL(file, folder));
for (const [file, text] of goldenGraphs.flatMap((golden) => Object.entries(renderGolden(golden)))) {
  writeFileSync(new URL(file, folder), text);
}

/** Where STATUS.md and the counts behind it stand. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import type { Summary } from "./status.ts";

export const statusFile = new URL("../../STATUS.md", import.meta.url);
export const resultsFile = new URL("results.json", import.meta.url);

export function storedSummaries(): readonly Summary[] {
  if (!existsSync(resultsFile)) return [];
  return JSON.parse(readFileSync(resultsFile, "utf8")) as readonly Summary[];
}

/** As Prettier lays the file out. */
export async function formatted(file: URL, text: string): Promise<string> {
  const filepath = fileURLToPath(file);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

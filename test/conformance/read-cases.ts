/** Finds the operator cases on this machine. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Case } from "./cases.ts";

export const conformanceFolder = new URL("../../../shared/data/conformance/", import.meta.url);

/** Undefined where the folder is absent. */
export function readCases(): readonly Case[] | undefined {
  return caseFiles()?.flatMap(
    (file) => JSON.parse(readFileSync(new URL(file, conformanceFolder), "utf8")) as Case[],
  );
}

/** Names within the folder; undefined where it is absent. */
export function caseFiles(): readonly string[] | undefined {
  if (!existsSync(conformanceFolder)) return undefined;
  return readdirSync(conformanceFolder).filter((file) => file.endsWith(".json"));
}

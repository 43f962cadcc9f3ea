/** An application that installed the packed package, in a temporary folder. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { patience } from "../setup/patience.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Consumer {
  readonly folder: string;
  /** The packed package. */
  readonly tarball: string;
  remove(): void;
}

/** Reads what `npm run build` made. Needs no network: the package brings no dependencies. */
export function createConsumer(): Consumer {
  const folder = mkdtempSync(path.join(tmpdir(), "webnn-anywhere-"));
  const packed = output("npm", ["pack", "--json", "--pack-destination", folder], root);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const tarball = path.join(folder, filename);
  writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  output("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], folder);
  return { folder, tarball, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Adds an optional peer, as this repository has it. */
export function addPeer({ folder }: Consumer, name: string): void {
  const target = path.join(folder, "node_modules", name);
  mkdirSync(path.dirname(target), { recursive: true });
  symlinkSync(path.join(root, "node_modules", name), target, "dir");
}

/** Runs a module in the application's folder; what it prints. */
export function runModule({ folder }: Consumer, source: string): string {
  const file = path.join(folder, "app.mjs");
  writeFileSync(file, source);
  return output(process.execPath, [file], folder).trim();
}

/** Throws what the command said where it fails. */
export function output(command: string, args: readonly string[], cwd: string): string {
  // What this process was started with (a loader of TypeScript) is not for applications.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { cwd, env, encoding: "utf8", timeout: patience, maxBuffer: 2 ** 26 } as const;
  const { status, signal, stdout, stderr } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")}: ${status ?? signal}\n${stdout}${stderr}`);
}

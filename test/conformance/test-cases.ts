/** The operator cases in a page of one browser, as one test of Node's runner. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../browser/engines.ts";
import { missing, type Requirement } from "../models/whisper/requirements.ts";
import type { Case } from "./cases.ts";
import { runInBrowser } from "./in-browser.ts";
import { readCases } from "./read-cases.ts";
import type { Result } from "./result.ts";

export interface Choice {
  /** Which cases, in words. */
  readonly what: string;
  readonly device: "cpu" | "gpu";
  readonly needs: readonly Requirement[];
  takes?(one: Case, index: number): boolean;
}

export function testCases(engine: Engine, { what, device, needs, takes }: Choice): void {
  const skip = missing("shared", ...needs);
  test(`${what} on the ${device} in ${engine.title}`, { skip }, async (t) => {
    const all = readCases() ?? [];
    const cases = takes === undefined ? all : all.filter(takes);
    const results: Result[] = [];
    await runInBrowser(engine, { device }, cases, {
      onOpen: (_, adapter) => adapter !== undefined && t.diagnostic(adapter),
      onResult: (result) => void results.push(result),
    });
    const failed = results.filter(({ outcome }) => outcome === "failed");
    const passed = results.filter(({ outcome }) => outcome === "passed");
    t.diagnostic(`${passed.length} of ${cases.length} cases passed, ${failed.length} failed`);
    assert.deepEqual(
      failed.map(({ name, says }) => `${name}: ${says}`),
      [],
    );
    assert.ok(passed.length > cases.length * 0.99, `${passed.length} of ${cases.length} ran`);
  });
}

/**
 * Every operator of onnxruntime-web's WebNN provider, on our `navigator.ml`: as its documentation lists them, nothing
 * left to its wasm, and with the results of ORT's own kernels.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { OpCase } from "../../adapters/onnxruntime/cases/make-case.ts";
import { opCases } from "../../adapters/onnxruntime/op-cases.ts";
import { chromium, missing } from "../../models/whisper/requirements.ts";
import { launchChromium, type Browser } from "../../setup/playwright.ts";
import { peerFolder } from "../harness/peers.ts";
import type { RunningSite } from "../harness/serve.ts";
import { visit, type Visit } from "../harness/visit.ts";
import type { OperatorResult, OperatorTask } from "./messages.ts";
import { ownCases } from "./operator-cases.ts";
import { servePage } from "./site.ts";

const skip = missing("peers", "browser");

/** ORT computes it before it asks a provider: sizes are numbers. */
const folded = ["Shape"];

const listed = readListed();

/** Ours for ORT's provider, and the adapter's first for every other operator: of those it wants some otherwise. */
const firsts = listed
  .filter((wanted) => !ownCases.some((opCase) => has(opCase, wanted)))
  .map((wanted) => opCases.find((opCase) => has(opCase, wanted)))
  .filter((opCase) => opCase !== undefined);
const cases = new Set([...firsts, ...ownCases]);
const onePerOperator = new Set(
  listed.map((wanted) => [...cases].find((opCase) => has(opCase, wanted))!),
);

function has({ nodes }: OpCase, wanted: string): boolean {
  return nodes.some(({ op }) => op === wanted);
}

/** Nothing where the package is absent: then everything here is skipped. */
function readListed(): readonly string[] {
  if (skip !== false) return [];
  const file = `${peerFolder("onnxruntime-web")}docs/webnn-operators.md`;
  const rows = readFileSync(file, "utf8").matchAll(/^\| *(\w+) *\| *(?:ai\.onnx|com\.microsoft)/gm);
  return [...rows].map(([, op]) => op!).filter((op) => !folded.includes(op));
}

describe("onnxruntime-web's operators", { skip }, () => {
  let browser: Browser;
  let site: RunningSite;
  let page: Visit;
  before(async () => {
    browser = await launchChromium(chromium, ["--enable-unsafe-webgpu"]);
    site = await servePage();
    page = await visit(browser, `${site.url}page`);
  });
  after(async () => {
    await browser.close();
    await site.close();
  });

  test("each has a case", () => {
    assert.ok(listed.length > 100, `${listed.length} operators in its documentation`);
    assert.deepEqual(
      listed.filter((op) => ![...cases].some((opCase) => has(opCase, op))),
      [],
    );
  });

  for (const [deviceType, chosen] of [
    ["cpu", cases],
    // ORT builds the same graphs for every device.
    ["gpu", onePerOperator],
  ] as const) {
    describe(`on the ${deviceType.toUpperCase()}`, () => {
      for (const { name } of chosen) {
        test(name, async () => {
          const task: OperatorTask = {
            kind: "operator",
            bundle: "ort.min.mjs",
            threads: 1,
            deviceType,
            name,
          };
          const { elsewhere, devices, differences } = await page.ask<OperatorResult>(task);
          assert.deepEqual({ elsewhere, devices }, { elsewhere: [], devices: [deviceType] });
          assert.deepEqual(differences, []);
        });
      }
    });
  }
});

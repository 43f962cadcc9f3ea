/** For pages, in place of unit/gpu/adapters.ts: the browser's own adapter. */
import { test } from "node:test";
import type { TestAdapter } from "../../unit/gpu/adapters.ts";

export async function onEachAdapter(
  name: string,
  body: (adapter: TestAdapter) => Promise<void>,
): Promise<void> {
  const { gpu } = navigator;
  const adapter = await gpu?.requestAdapter();
  const skip = adapter ? false : "this browser has no WebGPU here";
  const called = adapter?.info.architecture || "the page's";
  test(`${name} (${called})`, { skip }, () => body({ name: called, gpu, manifest: "" }));
}

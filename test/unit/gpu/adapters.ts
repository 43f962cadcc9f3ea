/**
 * The GPU adapters that tests run on: with VK_DRIVER_FILES set, what it names; else those of lavapipe and
 * SwiftShader that are installed. Without any, tests skip with the reason, or fail where WEBNN_REQUIRE
 * asks for a GPU.
 */
import { existsSync } from "node:fs";
import { test } from "node:test";
import { nodeGpu } from "../../../core-webnn/gpu/node-gpu.ts";

const manifests: Readonly<Record<string, readonly string[]>> = {
  lavapipe: ["/usr/share/vulkan/icd.d/lvp_icd.json"],
  swiftshader: ["/usr/lib/chromium/vk_swiftshader_icd.json"],
};

export interface TestAdapter {
  readonly name: string;
  readonly gpu: GPU;
  /** Path of the driver's manifest, for child processes. */
  readonly manifest: string;
}

/** Registers a test for each adapter, or one that skips. */
export async function onEachAdapter(
  name: string,
  body: (adapter: TestAdapter) => Promise<void>,
): Promise<void> {
  const adapters = await testAdapters();
  for (const adapter of adapters) test(`${name} (${adapter.name})`, () => body(adapter));
  if (adapters.length > 0) return;
  const reason = "no GPU adapter: run test/setup/gpu.sh and set VK_DRIVER_FILES to what it prints";
  const isRequired = (process.env["WEBNN_REQUIRE"] ?? "").split(",").includes("gpu");
  test(name, { skip: isRequired ? false : reason }, () => {
    throw new Error(reason);
  });
}

export async function testAdapters(): Promise<TestAdapter[]> {
  const given = process.env["VK_DRIVER_FILES"];
  if (given !== undefined) return openAdapter("VK_DRIVER_FILES", given);
  const opened: TestAdapter[] = [];
  for (const [name, files] of Object.entries(manifests)) {
    const manifest = files.find((file) => existsSync(file));
    if (manifest === undefined) continue;
    // Dawn reads it when the instance is made.
    process.env["VK_DRIVER_FILES"] = manifest;
    opened.push(...(await openAdapter(name, manifest)));
    delete process.env["VK_DRIVER_FILES"];
  }
  return opened;
}

async function openAdapter(name: string, manifest: string): Promise<TestAdapter[]> {
  const gpu = await nodeGpu();
  return (await gpu.requestAdapter()) === null ? [] : [{ name, gpu, manifest }];
}

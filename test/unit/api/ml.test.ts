/** ML.createContext's options and which device they ask for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MLContext } from "../../../core-webnn/api/ml-context.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import { createMLWith, ML, type ContextRequest } from "../../../core-webnn/api/ml.ts";
import { deviceCandidates } from "../../../core-webnn/api/device-candidates.ts";
import { ml as own } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";

function recordingML(): { ml: ML; requests: ContextRequest[] } {
  const requests: ContextRequest[] = [];
  const ml = createMLWith(async (request) => {
    requests.push(request);
    return interpreterBackend();
  });
  return { ml, requests };
}

const gpuDevice = { queue: {}, createComputePipelineAsync: () => {} } as unknown as GPUDevice;

const asked = [
  { options: undefined, request: { powerPreference: "default" }, devices: ["cpu"] },
  {
    options: { powerPreference: "high-performance" },
    request: { powerPreference: "high-performance" },
    devices: ["gpu", "cpu"],
  },
  {
    options: { accelerated: false, powerPreference: "high-performance" },
    request: { powerPreference: "high-performance", accelerated: false },
    devices: ["cpu"],
  },
  {
    options: { accelerated: true },
    request: { powerPreference: "default", accelerated: true },
    devices: ["gpu", "cpu"],
  },
  {
    options: { deviceType: "npu" },
    request: { powerPreference: "default", deviceType: "npu" },
    devices: ["npu"],
  },
  {
    options: { deviceType: "cpu", numThreads: 2 },
    request: { powerPreference: "default", deviceType: "cpu", numThreads: 2 },
    devices: ["cpu"],
  },
  { options: gpuDevice, request: { powerPreference: "default", gpuDevice }, devices: ["gpu"] },
] as const;

for (const { options, request, devices } of asked) {
  test(`createContext(${options === gpuDevice ? "GPUDevice" : JSON.stringify(options)})`, async () => {
    const { ml, requests } = recordingML();
    assert.ok((await ml.createContext(options as object)) instanceof MLContext);
    assert.deepEqual(requests, [request]);
    assert.deepEqual(deviceCandidates(requests[0]!), devices);
  });
}

for (const options of [
  { deviceType: "tpu" },
  { powerPreference: "most" },
  { numThreads: 0 },
  { numThreads: -1 },
  3,
]) {
  test(`createContext(${JSON.stringify(options)}) is a TypeError`, async () => {
    const { ml } = recordingML();
    await assert.rejects(ml.createContext(options as object), TypeError);
  });
}

test("a device that is not there is a NotSupportedError that says why", async () => {
  const ml = createMLWith(() => Promise.reject(new Error("no adapter")));
  await assert.rejects(ml.createContext(), { name: "NotSupportedError", message: "no adapter" });
});

test("what this machine does not have is refused by name", async () => {
  await assert.rejects(own.createContext({ deviceType: "npu" }), {
    name: "NotSupportedError",
    message: "there is no NPU device",
  });
});

/** What is asked, what `accelerated` is by the standard's steps, and where a graph runs where there is a GPU. */
const given: readonly (readonly [object | undefined | null, boolean, "cpu" | "gpu"])[] = [
  // True by default, a wish; which device that means is left to us.
  [undefined, true, "cpu"],
  [null, true, "cpu"],
  [{ accelerated: undefined }, true, "cpu"],
  [{ powerPreference: "low-power" }, true, "cpu"],
  [{ accelerated: false }, false, "cpu"],
  [{ accelerated: false, powerPreference: "high-performance" }, false, "cpu"],
  [{ accelerated: true }, true, "gpu"],
  [{ powerPreference: "high-performance" }, true, "gpu"],
  // Devices that are named, of an earlier standard, are what they are.
  [{ deviceType: "cpu", accelerated: true }, false, "cpu"],
  [{ deviceType: "gpu", accelerated: false }, true, "gpu"],
];

test("contexts run on what was asked for", { skip: missing("gpu") }, async () => {
  for (const [options, , device] of given) {
    const context = await own.createContext(options as never);
    const builder = new MLGraphBuilder(context);
    const y = builder.neg(builder.input("x", { dataType: "float32", shape: [1] }));
    const { devices } = await builder.build({ y });
    assert.deepEqual(devices, [device], JSON.stringify(options));
    assert.ok(Object.isFrozen(devices));
    context.destroy();
  }
});

test("contexts say whether acceleration was asked for, whatever there is", async () => {
  const { ml } = recordingML();
  for (const [options, accelerated] of given) {
    const context = await ml.createContext(options as never);
    assert.equal(context.accelerated, accelerated, JSON.stringify(options));
  }
  assert.equal((await ml.createContext(gpuDevice)).accelerated, true);
});

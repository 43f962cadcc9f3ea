/** ML.createContext's options and which device they ask for. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
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

/** Sets a global for as long as the test runs. */
function hold(t: TestContext, name: string, value: unknown): void {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true });
  t.after(() => {
    Reflect.deleteProperty(globalThis, name);
    if (own !== undefined) Object.defineProperty(globalThis, name, own);
  });
}

type Policy = Readonly<Record<"features" | "allowsFeature", (feature: string) => unknown>>;

/** A policy that knows these features, and whether it allows "webnn". */
const policy = (features: readonly string[], allows: boolean): Policy => ({
  features: () => features,
  allowsFeature: (feature) => feature === "webnn" && allows,
});

const view = {};
const documents: readonly {
  why: string;
  document: object;
  lacks?: string;
  isAllowed: boolean;
}[] = [
  { why: "without policies", document: { defaultView: view }, isAllowed: true },
  {
    why: "whose policy allows it",
    document: { defaultView: view, featurePolicy: policy(["webnn"], true) },
    isAllowed: true,
  },
  {
    why: "whose policy does not know it, so that it allows nothing",
    document: { defaultView: view, featurePolicy: policy(["usb"], false) },
    isAllowed: true,
  },
  {
    why: "whose policy does not allow it",
    document: { defaultView: view, featurePolicy: policy(["webnn"], false) },
    isAllowed: false,
  },
  {
    why: "whose policy, by the standard's name, does not allow it",
    document: { defaultView: view, permissionsPolicy: policy(["usb", "webnn"], false) },
    isAllowed: false,
  },
  // Its window has lost its globals, in Chromium.
  {
    why: "of a frame that was removed",
    document: { defaultView: null },
    lacks: "DOMException",
    isAllowed: false,
  },
];

for (const { why, document, lacks, isAllowed } of documents) {
  test(`a document ${why}: contexts and builders are ${isAllowed ? "made" : "SecurityErrors"}`, async (t) => {
    const { ml, requests } = recordingML();
    const context = await ml.createContext();
    requests.length = 0;
    hold(t, "document", document);
    if (lacks !== undefined) hold(t, lacks, undefined);
    const uses = [() => ml.createContext(), () => ml.createContext(gpuDevice)];
    for (const use of uses) {
      if (isAllowed) assert.ok((await use()) instanceof MLContext);
      else await assert.rejects(use, { name: "SecurityError" });
    }
    assert.equal(requests.length, isAllowed ? 2 : 0);
    const build = (): MLGraphBuilder => new MLGraphBuilder(context);
    if (isAllowed) assert.ok(build());
    else assert.throws(build, { name: "SecurityError" });
    // WebIDL converts arguments first; a lost context is asked for after the policy.
    await assert.rejects(ml.createContext({ powerPreference: "most" } as never), TypeError);
    assert.throws(() => new MLGraphBuilder({} as MLContext), TypeError);
    context.destroy();
    assert.throws(build, { name: isAllowed ? "InvalidStateError" : "SecurityError" });
  });
}

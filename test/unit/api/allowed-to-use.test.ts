/** Documents that may not use WebNN: by what their browser says of the permissions policy, or because they have no window. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { MLContext } from "../../../core-webnn/api/ml-context.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import { createMLWith, type ContextRequest } from "../../../core-webnn/api/ml.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";

const gpuDevice = { queue: {}, createComputePipelineAsync: () => {} } as unknown as GPUDevice;

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
    const requests: ContextRequest[] = [];
    const ml = createMLWith(async (request) => {
      requests.push(request);
      return interpreterBackend();
    });
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

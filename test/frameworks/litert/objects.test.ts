/** What LiteRT.js does with the API's objects beside what the standard says of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ml, MLGraphBuilder, type MLContext } from "../../../core-webnn/index.ts";

const desc = { dataType: "float32", shape: [2] } as const;

async function withContext(run: (context: MLContext) => Promise<void>): Promise<void> {
  const context = await ml.createContext({ deviceType: "cpu", numThreads: 1 });
  try {
    await run(context);
  } finally {
    context.destroy();
  }
}

test("it sets properties of its own on tensors", () =>
  withContext(async (context) => {
    const tensor = await context.createTensor(desc);
    assert.equal(Object.assign(tensor, { isExportable: false }).isExportable, false);
  }));

test("it counts a graph's devices, and destroys graphs", () =>
  withContext(async (context) => {
    const builder = new MLGraphBuilder(context);
    const graph = await builder.build({ y: builder.neg(builder.input("x", desc)) });
    assert.equal(graph.devices.length, 1);
    graph.destroy();
    graph.destroy();
  }));

test("it asks for tensors that the GPU shares, and takes others where it gets none", () =>
  withContext(async (context) => {
    const { createExportableTensor } = context as unknown as {
      createExportableTensor: (desc: object, device: unknown) => Promise<unknown>;
    };
    await assert.rejects(async () => createExportableTensor.call(context, desc, {}));
    await context.createTensor(desc);
  }));

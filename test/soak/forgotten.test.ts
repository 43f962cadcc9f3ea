/** What a user lets go of without destroying it is freed when it is collected, as a browser's own WebNN does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extensions, ml, MLGraphBuilder } from "../../core-webnn/index.ts";
import type { DeviceStatistics, MLContext, MLGraph, MLTensor } from "../../core-webnn/index.ts";
import { missing } from "../models/whisper/requirements.ts";
import { collectGarbage, collectUntil } from "./collect-garbage.ts";

const square = { dataType: "float32", shape: [64, 64] } as const;
const byteLength = 64 * 64 * 4;
const ones = new Float32Array(64 * 64).fill(1);

const devices = [
  { deviceType: "cpu", skip: false },
  { deviceType: "gpu", skip: missing("gpu") },
] as const;

async function bytesIn(context: MLContext): Promise<DeviceStatistics["bytes"]> {
  const offered = extensions(context);
  assert.ok(offered.dynamicDimensions);
  return (await offered.statistics()).bytes;
}

/** y = x weights */
async function buildProduct(context: MLContext): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const weights = builder.constant(square, ones);
  return builder.build({ y: builder.matmul(builder.input("x", square), weights) });
}

async function readFloats(context: MLContext, tensor: MLTensor): Promise<Float32Array> {
  return new Float32Array(await context.readTensor(tensor));
}

for (const { deviceType, skip } of devices) {
  test(`tensors on the ${deviceType} device`, { skip }, async () => {
    const context = await ml.createContext({ deviceType });
    for (let i = 0; i < 20; i++) await context.createTensor(square);
    await context.createConstantTensor(square, ones);
    const kept = await context.createTensor({ ...square, readable: true, writable: true });
    context.writeTensor(kept, ones);
    assert.ok((await bytesIn(context)).tensors > byteLength);
    await collectUntil(async () => {
      const { tensors, constants } = await bytesIn(context);
      return tensors === byteLength && constants === 0;
    });
    assert.deepEqual(await readFloats(context, kept), ones);
    context.destroy();
  });

  test(`graphs on the ${deviceType} device`, { skip }, async () => {
    const context = await ml.createContext({ deviceType });
    const { arena } = await bytesIn(context);
    for (let i = 0; i < 4; i++) await buildProduct(context);
    const { constants, prepared } = await bytesIn(context);
    assert.ok(constants + prepared >= 4 * byteLength, `${constants} + ${prepared} bytes`);
    await collectUntil(async () => {
      const bytes = await bytesIn(context);
      return bytes.constants + bytes.prepared + bytes.arena === arena;
    });
    context.destroy();
  });

  test(`a builder that keeps a constant tensor on the ${deviceType} device`, { skip }, async () => {
    const context = await ml.createContext({ deviceType });
    const builder = new MLGraphBuilder(context);
    const addWeights = async () =>
      builder.constant(await context.createConstantTensor(square, ones));
    const y = builder.matmul(builder.input("x", square), await addWeights());
    for (let round = 0; round < 3; round++) await collectGarbage();
    assert.equal((await bytesIn(context)).constants, byteLength);
    const graph = await builder.build({ y });
    const x = await context.createTensor({ ...square, writable: true });
    const result = await context.createTensor({ ...square, readable: true });
    context.writeTensor(x, ones);
    context.dispatch(graph, { x }, { y: result });
    assert.deepEqual(
      await readFloats(context, result),
      ones.map(() => 64),
    );
    context.destroy();
  });

  test(`a ${deviceType} context with its workers`, { skip }, async () => {
    const useContext = async () => {
      const context = await ml.createContext({ deviceType, numThreads: 2 });
      await buildProduct(context);
      return { lost: context.lost, context: new WeakRef(context) };
    };
    const { lost, context } = await useContext();
    let isLost = false;
    void lost.then(() => (isLost = true));
    await collectUntil(() => isLost);
    assert.equal(context.deref(), undefined);
  });
}

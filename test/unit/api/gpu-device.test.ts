/** Contexts on a GPUDevice of the application: it stays the application's, and tensors can be exported to it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { nodeGpu } from "../../../core-webnn/gpu/node-gpu.ts";
import { ml, MLGraphBuilder, type MLContext, type MLTensor } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import { buildLine, contextKinds, flags, pair, readPair } from "./contexts.ts";

const skip = missing("gpu");
const both = { ...pair, ...flags };
/** https://www.w3.org/TR/webgpu/#namespacedef-gpubufferusage */
const usage = { mapRead: 0x01, copySource: 0x04, copyDestination: 0x08, storage: 0x80 };

let gpu: GPU;
before(async () => {
  if (skip === false) gpu = await nodeGpu();
});
/** Dawn ends the process where a device outlives it. */
const devices: GPUDevice[] = [];
after(() => devices.forEach((device) => device.destroy()));

async function openDevice(): Promise<GPUDevice> {
  const device = await (await gpu.requestAdapter())!.requestDevice();
  devices.push(device);
  return device;
}

/** The application's own reading of its buffer. */
async function readBuffer(device: GPUDevice, buffer: GPUBuffer): Promise<ArrayBuffer> {
  const size = buffer.size;
  const staging = device.createBuffer({ size, usage: usage.mapRead | usage.copyDestination });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(1);
  const bytes = staging.getMappedRange().slice(0);
  staging.destroy();
  return bytes;
}

async function runsRight(context: MLContext): Promise<void> {
  const graph = await buildLine(context, 2, 1);
  const [x, y] = [await context.createTensor(both), await context.createTensor(both)];
  context.writeTensor(x, Float32Array.of(3, -4));
  context.dispatch(graph, { x }, { y });
  assert.deepEqual(await readPair(context, y), [7, -7]);
}

test("the application's device works on when its context is destroyed", { skip }, async () => {
  const device = await openDevice();
  const own = device.createBuffer({ size: 8, usage: usage.copySource | usage.copyDestination });
  device.queue.writeBuffer(own, 0, Float32Array.of(5, 6));
  const [one, two] = [await ml.createContext(device), await ml.createContext(device)];
  assert.equal(one.accelerated, true);
  await Promise.all([runsRight(one), runsRight(two)]);
  one.destroy();
  assert.deepEqual(await one.lost, { message: "the context was destroyed" });
  await runsRight(two);
  two.destroy();
  assert.deepEqual([...new Float32Array(await readBuffer(device, own))], [5, 6]);
});

test("the loss of the application's device is its contexts' loss", { skip }, async () => {
  const device = await openDevice();
  const contexts = [await ml.createContext(device), await ml.createContext(device)];
  const tensors = await Promise.all(contexts.map((context) => context.createTensor(both)));
  const begin = (): Promise<unknown>[] => {
    const builder = new MLGraphBuilder(contexts[0]!);
    const y = builder.neg(builder.input("x", pair));
    return [
      ...contexts.map((context) => context.createTensor(both)),
      ...contexts.map((context) => context.createConstantTensor(pair, new Float32Array(2))),
      ...contexts.map((context, i) => context.readTensor(tensors[i]!)),
      builder.build({ y }),
    ];
  };
  const before = begin();
  device.destroy();
  const pending = [...before, ...begin()];
  const outcomes = await Promise.allSettled(pending);
  for (const [i, outcome] of outcomes.entries()) {
    assert.ok(outcome.status === "rejected", `request ${i}`);
    assert.equal((outcome.reason as Error).name, "InvalidStateError", `request ${i}`);
  }
  for (const context of contexts) {
    const { message } = await context.lost;
    assert.match(message, /\w/);
    await assert.rejects(context.createTensor(both), {
      name: "InvalidStateError",
      message: `the context is lost: ${message}`,
    });
  }
});

test("a tensor is lent to the GPU and comes back with what the GPU wrote", { skip }, async () => {
  const device = await openDevice();
  const context = await ml.createContext(device);
  const graph = await buildLine(context, 2, 1);
  const [x, y] = await Promise.all([0, 1].map(() => context.createExportableTensor(both, device)));
  context.writeTensor(x!, Float32Array.of(1, 2));
  context.dispatch(graph, { x: x! }, { y: y! });

  // After the dispatch, which nobody awaited.
  const lent = context.exportToGPU(y!);
  assert.equal(lent.size, 8);
  assert.equal(lent.usage, usage.storage | usage.copySource | usage.copyDestination);
  assert.deepEqual([...new Float32Array(await readBuffer(device, lent))], [3, 5]);

  // Nobody else has it meanwhile.
  const says = {
    name: "TypeError",
    message: /is exported to a GPUBuffer that is not destroyed yet/,
  };
  await assert.rejects(context.readTensor(y!), says);
  assert.throws(() => context.writeTensor(y!, new Float32Array(2)), says);
  assert.throws(() => context.dispatch(graph, { x: y! }, { y: x! }), says);
  assert.throws(() => context.dispatch(graph, { x: x! }, { y: y! }), says);
  assert.throws(() => context.exportToGPU(y!), says);

  device.queue.writeBuffer(lent, 0, Float32Array.of(10, 20));
  lent.destroy();
  lent.destroy();
  assert.deepEqual(await readPair(context, y!), [10, 20]);
  context.dispatch(graph, { x: y! }, { y: x! });
  assert.deepEqual(await readPair(context, x!), [21, 41]);

  // Again and again, and of a length that is no whole word.
  const bytes = await context.createExportableTensor(
    { dataType: "uint8", shape: [5], ...flags },
    device,
  );
  for (let round = 1; round <= 3; round++) {
    const buffer = context.exportToGPU(bytes);
    assert.equal(buffer.size, 8);
    const before = [...new Uint8Array(await readBuffer(device, buffer))].slice(0, 5);
    assert.deepEqual(before, Array(5).fill(round - 1));
    device.queue.writeBuffer(buffer, 0, new Uint8Array(8).fill(round));
    buffer.destroy();
    assert.deepEqual([...new Uint8Array(await context.readTensor(bytes))], Array(5).fill(round));
  }
  context.destroy();
});

test("the README's example runs", { skip }, async () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const [, example] = /^## With your own WebGPU device\n+```js\n([^]*?)```/m.exec(readme)!;
  const body = `return (async () => { ${example}; return { context, frame, buffer }; })()`;
  // oxlint-disable-next-line typescript/no-implied-eval -- it is the README's.
  const run = new Function("ml", "gpuDevice", body) as (
    ...given: unknown[]
  ) => Promise<{ context: MLContext; frame: MLTensor; buffer: GPUBuffer }>;
  const { context, frame, buffer } = await run(ml, await openDevice());
  assert.deepEqual([buffer.size, frame.shape], [12, [1, 3]]);
  context.destroy();
});

test(
  "a lent buffer is the application's also when tensor or context are gone",
  { skip },
  async () => {
    const device = await openDevice();
    const context = await ml.createContext(device);
    const make = async (value: number): Promise<MLTensor> => {
      const tensor = await context.createExportableTensor(both, device);
      context.writeTensor(tensor, Float32Array.of(value, value));
      return tensor;
    };
    const [one, two] = [await make(1), await make(2)];
    const buffers = [context.exportToGPU(one), context.exportToGPU(two)];
    one.destroy();
    context.destroy();
    for (const [i, buffer] of buffers.entries()) {
      assert.deepEqual([...new Float32Array(await readBuffer(device, buffer))], [i + 1, i + 1]);
      device.pushErrorScope("validation");
      buffer.destroy();
      assert.equal(await device.popErrorScope(), null);
    }
  },
);

test("tensors that cannot be lent are refused", { skip }, async () => {
  const [device, other] = [await openDevice(), await openDevice()];
  const context = await ml.createContext(device);
  const create = (descriptor: unknown, target: unknown) =>
    context.createExportableTensor(descriptor as never, target as never);
  await assert.rejects(create(both, other), {
    name: "NotSupportedError",
    message: "createExportableTensor: gpuDevice is not the one that the context was created with",
  });
  await assert.rejects(create(both, {}), { name: "TypeError", message: /is not a GPUDevice/ });
  await assert.rejects(create(both, null), TypeError);
  await assert.rejects(create({ ...both, shape: [0] }, device), TypeError);
  const plain = await context.createTensor(both);
  const constant = await context.createConstantTensor(pair, new Float32Array(2));
  const foreign = await (await ml.createContext(other)).createExportableTensor(both, other);
  for (const tensor of [plain, constant]) {
    assert.throws(() => context.exportToGPU(tensor), {
      name: "TypeError",
      message:
        "exportToGPU: tensor is not exportable: it was not created by createExportableTensor",
    });
  }
  assert.throws(() => context.exportToGPU(foreign), /belongs to another context/);
  const exportable = await create(both, device);
  exportable.destroy();
  assert.throws(() => context.exportToGPU(exportable), /tensor was destroyed/);
  context.destroy();
});

test("a device that the context does not run on is not supported", async () => {
  const device = { queue: {}, createComputePipelineAsync: () => {} };
  for (const { open, skip: absent } of contextKinds) {
    if (absent !== false) continue;
    const context = await open();
    await assert.rejects(context.createExportableTensor(both, device as never), {
      name: "NotSupportedError",
    });
    context.destroy();
  }
});

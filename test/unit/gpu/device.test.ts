/** Programs through the GPU device, against the interpreter; and what the device promises around them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { createGpuDevice } from "../../../core-webnn/gpu/device.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import type { Program } from "../../../core-webnn/plan/program.ts";
import { multiplySizes, named, type Size } from "../../../core-webnn/util/size.ts";
import { patience } from "../../setup/patience.ts";
import {
  arena,
  expected,
  floats,
  input,
  matmul,
  normalise,
  output,
  program,
  runOnce,
  scale,
  step,
  type Bytes,
} from "../cpu-runtime/programs.ts";
import { onEachAdapter, type TestAdapter } from "./adapters.ts";
import { openDevice } from "./run-kernel.ts";

function onDevice(name: string, body: (device: Device) => Promise<void>): Promise<void> {
  return onEachAdapter(name, async ({ gpu }) => {
    const device = await createGpuDevice({ gpu });
    await body(device);
    await device.destroy();
  });
}

/** matmul → normalise → scale twice; the last step reads the buffer that the one before it wrote. */
function network(rows: Size, k: number, columns: number): Program {
  const count = multiplySizes(rows, columns);
  return program(
    [
      [input("x"), multiplySizes(rows, k)],
      [input("w"), k * columns],
      [arena, count],
      [arena, count],
      [arena, count],
      [output("y"), count],
      [output("z"), count],
    ],
    [
      [matmul(rows, k, columns), [0, 1, 2]],
      [normalise(rows, columns), [2, 3]],
      [scale(count, 3), [3, 4]],
      [scale(count, -0.5), [4, 5]],
      [scale(count, 3), [5, 6]],
    ],
    { sizeNames: typeof rows === "number" ? [] : ["rows"] },
  );
}

/** Division may be off by 2.5 ulp, and sums may be fused. */
function assertClose(actual: Bytes, wanted: Bytes, message?: string): void {
  for (const [name, bytes] of Object.entries(wanted)) {
    const [got, want] = [actual[name]!, bytes].map((x) => new Float32Array(x.slice().buffer));
    assert.equal(got!.length, want!.length, `${name} ${message}`);
    want!.forEach((x, i) => {
      const tolerance = 1e-5 * Math.max(1, Math.abs(x));
      assert.ok(
        Math.abs(got![i]! - x) <= tolerance,
        `${name}[${i}]: ${got![i]} for ${x} ${message}`,
      );
    });
  }
}

await onDevice("a network equals its interpretation, again and again", async (device) => {
  const net = network(37, 50, 64);
  await device.load(1, net);
  for (let round = 0; round < 5; round++) {
    const given = { x: floats(37 * 50, round), w: floats(50 * 64, 99) };
    assertClose(await runOnce(device, 1, net, given), expected(net, given));
  }
  const { dispatches, kernelsRun, description } = await device.statistics();
  assert.deepEqual([dispatches, kernelsRun], [5, 25]);
  assert.match(description, /\w/);
});

await onDevice("sizes change from dispatch to dispatch, also to none", async (device) => {
  const net = network(named({ name: "rows", maxSize: 300 }), 16, 48);
  await device.load(1, net);
  for (const rows of [1, 2, 33, 300, 7, 0, 33, 34, 35, 1, 299]) {
    const given = { x: floats(rows * 16), w: floats(16 * 48, 5) };
    const actual = await runOnce(device, 1, net, given, { rows });
    assertClose(actual, expected(net, given, { rows }), `rows = ${rows}`);
  }
});

await onDevice("one buffer serves several operands of a step", async (device) => {
  const square = program(
    [
      [input("x"), 64],
      [arena, 64],
      [output("y"), 64],
    ],
    [
      [scale(64, 2), [0, 1]],
      [matmul(8, 8, 8), [1, 1, 2]],
    ],
  );
  await device.load(1, square);
  const given = { x: floats(64) };
  assertClose(await runOnce(device, 1, square, given), expected(square, given));
});

await onDevice(
  "a step may read and write the arena, twice the same operand too",
  async (device) => {
    const power = program(
      [
        [input("x"), 64],
        [arena, 64],
        [arena, 64],
        [output("y"), 64],
      ],
      [
        [scale(64, 2), [0, 1]],
        [matmul(8, 8, 8), [1, 1, 2]],
        [scale(64, 0.5), [2, 3]],
      ],
    );
    await device.load(1, power);
    const given = { x: floats(64) };
    assertClose(await runOnce(device, 1, power, given), expected(power, given));
  },
);

await onDevice("tensors of any byte length keep their bytes", async (device) => {
  for (const length of [0, 1, 2, 3, 4, 5, 7, 16, 17, 1023]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + 1) & 255);
    await device.createTensor(length, length);
    assert.deepEqual(await device.readTensor(length), new Uint8Array(length));
    device.writeTensor(length, bytes);
    const kept = bytes.slice();
    bytes.fill(0);
    assert.deepEqual(await device.readTensor(length), kept);
    device.destroyTensor(length);
  }
  assert.equal((await device.statistics()).bytes.tensors, 0);
});

await onDevice(
  "constants are shared, packed once, and freed with the last program",
  async (device) => {
    const packs = (by: number): Program =>
      program(
        [
          [{ kind: "constant", key: "w" }, 64],
          [{ kind: "prepared", key: "packed w" }, 64],
          [input("x"), 64],
          [output("y"), 64],
        ],
        [[matmul(8, 8, 8), [2, 1, 3]]],
        { prepare: [step([scale(64, by), [0, 1]])] },
      );
    const weight = floats(64, 3);
    await device.addConstant("w", weight);
    await device.load(1, packs(2));
    // Equal keys hold equal bytes: the second program takes what the first has packed.
    device.removeConstant("w");
    assert.equal((await device.statistics()).bytes.constants, 0);
    await device.load(2, packs(1000));
    const given = { x: floats(64), w: weight };
    const wanted = expected(packs(2), given);
    assertClose(await runOnce(device, 1, packs(2), given), wanted);
    device.unload(1);
    assertClose(await runOnce(device, 2, packs(2), given), wanted);
    assert.equal((await device.statistics()).bytes.prepared, 256);
    device.unload(2);
    assert.equal((await device.statistics()).bytes.prepared, 0);
  },
);

await onDevice("a missing constant is named, and the device goes on", async (device) => {
  const reads = program(
    [
      [{ kind: "constant", key: "weights" }, 64],
      [output("y"), 64],
    ],
    [[scale(64, 1), [0, 1]]],
  );
  await assert.rejects(device.load(1, reads), /constant 'weights' is not on this device/);
  await device.addConstant("weights", floats(32));
  await assert.rejects(device.load(1, reads), /'weights' has 128 bytes: the program needs 256/);
});

await onDevice(
  "a failed dispatch rejects reads of its outputs, until they are written",
  async (device) => {
    const double = program(
      [
        [input("x"), 8],
        [output("y"), 8],
      ],
      [[scale(8, 2), [0, 1]]],
    );
    await device.load(1, double);
    for (const id of [1, 2, 3]) await device.createTensor(id, 32);
    await device.createTensor(4, 16);
    device.dispatch(1, { tensors: { y: 1 }, sizes: {} });
    await assert.rejects(device.readTensor(1), /no tensor is bound to the input 'x'/);
    device.dispatch(1, { tensors: { x: 4, y: 1 }, sizes: {} });
    await assert.rejects(
      device.readTensor(1),
      /the tensor of the input 'x' has 16 bytes, needs 32/,
    );
    // What is computed from it is wrong as well.
    device.dispatch(1, { tensors: { x: 1, y: 2 }, sizes: {} });
    await assert.rejects(device.readTensor(2), /'x' has 16 bytes/);
    device.writeTensor(1, floats(8));
    device.dispatch(1, { tensors: { x: 1, y: 2 }, sizes: {} });
    assertClose({ y: await device.readTensor(2) }, expected(double, { x: floats(8) }));
  },
);

await onDevice("a size without a value is named", async (device) => {
  const net = network(named({ name: "rows" }), 4, 4);
  await device.load(1, net);
  await device.createTensor(1, 16);
  device.dispatch(1, { tensors: { y: 1 }, sizes: {} });
  await assert.rejects(device.readTensor(1), /the size 'rows' is undefined/);
  device.dispatch(1, { tensors: { y: 1 }, sizes: { rows: -1 } });
  await assert.rejects(device.readTensor(1), /the size 'rows' is -1: must be an integer from 0/);
});

await onDevice("too large a tensor is refused with its bytes", async (device) => {
  const bytes = device.facts.maxTensorByteLength + 1;
  await assert.rejects(device.createTensor(1, bytes), (error: Error) => {
    assert.ok(error instanceof RangeError);
    assert.match(error.message, new RegExp(`${bytes} bytes`));
    return true;
  });
  await assert.rejects(device.readTensor(1), RangeError);
  await device.createTensor(2, 16);
});

await onDevice("commands behind a load wait for it, in order", async (device) => {
  const double = program(
    [
      [input("x"), 8],
      [output("y"), 8],
    ],
    [[scale(8, 2), [0, 1]]],
  );
  const loaded = device.load(1, double);
  const bytes = floats(8);
  const given = { x: bytes.slice() };
  void device.createTensor(1, 32);
  void device.createTensor(2, 32);
  device.writeTensor(1, bytes);
  bytes.fill(0);
  device.dispatch(1, { tensors: { x: 1, y: 2 }, sizes: {} });
  device.writeTensor(1, new Uint8Array(32));
  assertClose({ y: await device.readTensor(2) }, expected(double, given));
  await loaded;
});

await onDevice("a tensor is lent after all commands, or not yet", async (device) => {
  const double = program(
    [
      [input("x"), 8],
      [output("y"), 8],
    ],
    [[scale(8, 2), [0, 1]]],
  );
  const { lend } = device.lending!;
  let returned = 0;
  await device.createTensor(1, 32);
  const loaded = device.load(1, double);
  // Nothing waits behind the load.
  lend(1, () => returned++).destroy();
  assert.equal(returned, 1);
  device.writeTensor(1, floats(8));
  assert.throws(() => lend(1, () => returned++), {
    name: "InvalidStateError",
    message: "commands wait for a graph that is being built: export when it is",
  });
  await loaded;
  assert.deepEqual(await device.readTensor(1), floats(8));
  lend(1, () => returned++).destroy();
  assert.equal(returned, 2);
  assert.deepEqual(await device.readTensor(1), floats(8));
});

await onEachAdapter(
  "bind groups are made once for each place and set of tensors",
  async ({ gpu }) => {
    const inner = await openDevice(gpu);
    let made = 0;
    const create = inner.createBindGroup.bind(inner);
    inner.createBindGroup = (descriptor) => {
      made++;
      return create(descriptor);
    };
    const device = await createGpuDevice({ device: inner });
    const net = network(named({ name: "rows", maxSize: 300 }), 16, 48);
    await device.load(1, net);
    const tensors = { x: 1, w: 2, y: 3, z: 4 };
    for (const id of Object.values(tensors)) await device.createTensor(id, 300 * 48 * 4);
    device.dispatch(1, { tensors, sizes: { rows: 257 } });
    const first = made;
    for (let rows = 258; rows < 300; rows++) device.dispatch(1, { tensors, sizes: { rows } });
    await device.readTensor(4);
    assert.equal(made, first);
    await device.destroy();
    // The device is the caller's: it still works.
    inner.createBuffer({ size: 16, usage: 0x80 }).destroy();
    inner.destroy();
  },
);

await onEachAdapter("destroying ends it, and only it", async ({ gpu }) => {
  const [one, other] = [await createGpuDevice({ gpu }), await createGpuDevice({ gpu })];
  await one.createTensor(1, 16);
  await other.createTensor(1, 16);
  await one.destroy();
  assert.deepEqual(await one.lost, { message: "it was destroyed" });
  await assert.rejects(one.readTensor(1), /the device is lost: it was destroyed/);
  one.writeTensor(1, new Uint8Array(16));
  assert.deepEqual(await other.readTensor(1), new Uint8Array(16));
  await other.destroy();
});

await onEachAdapter("a device that is lost says so", async ({ gpu }) => {
  const inner = await openDevice(gpu);
  const device = await createGpuDevice({ device: inner });
  await device.createTensor(1, 16);
  inner.destroy();
  assert.equal(typeof (await device.lost).message, "string");
  await assert.rejects(device.readTensor(1), /the device is lost/);
});

test("without an adapter it says so", async () => {
  const none = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
  await assert.rejects(createGpuDevice({ gpu: none }), {
    name: "NotSupportedError",
    message: /no adapter/,
  });
  await assert.rejects(createGpuDevice({}), { name: "NotSupportedError", message: /no WebGPU/ });
});

await onEachAdapter("a process with a device ends by itself", async (adapter: TestAdapter) => {
  const script = new URL("./forgotten-device.mts", import.meta.url).pathname;
  const env = { ...process.env, VK_DRIVER_FILES: adapter.manifest };
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], {
    env,
    timeout: patience,
  });
  assert.match(stdout, /read 16 bytes/);
});

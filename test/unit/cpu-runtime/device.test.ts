/** The device's contract beside dispatching: tensors, constants, packed weights, order, bytes, ends. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Device, DeviceStatistics } from "../../../core-webnn/plan/device.ts";
import type { Program } from "../../../core-webnn/plan/program.ts";
import { patience } from "../../setup/patience.ts";
import {
  expected,
  floats,
  input,
  open,
  openThreaded,
  output,
  program,
  runOnce,
  scale,
  step,
} from "./programs.ts";

async function bytesOf(device: Device): Promise<DeviceStatistics["bytes"]> {
  return (await device.statistics()).bytes;
}

test("tensors start as zeros, also in memory that was used before", async () => {
  const device = await open();
  for (let round = 0; round < 3; round++) {
    await device.createTensor(1, 1000);
    assert.deepEqual(await device.readTensor(1), new Uint8Array(1000));
    device.writeTensor(1, new Uint8Array(1000).fill(255));
    device.destroyTensor(1);
  }
});

test("what is written and read are copies", async () => {
  for (const device of [await open(), await open({ sharedMemory: true })]) {
    await device.createTensor(1, 3);
    const given = Uint8Array.of(1, 2, 3);
    device.writeTensor(1, given);
    given.fill(9);
    const read = await device.readTensor(1);
    assert.deepEqual(read, Uint8Array.of(1, 2, 3));
    assert.ok(read.buffer instanceof ArrayBuffer);
    read.fill(8);
    assert.deepEqual(await device.readTensor(1), Uint8Array.of(1, 2, 3));
  }
});

test("a tensor may be empty", async () => {
  const device = await open();
  await device.createTensor(1, 0);
  device.writeTensor(1, new Uint8Array(0));
  assert.equal((await device.readTensor(1)).byteLength, 0);
});

test("no memory for a tensor rejects it and what uses it; the device goes on", async () => {
  const device = await open({ maxMemoryByteLength: 1 << 20 });
  const net = program(
    [
      [input("a"), 4],
      [output("b"), 4],
    ],
    [[scale(4, 2), [0, 1]]],
  );
  await device.load(1, net);
  const creation = device.createTensor(1, 1 << 20);
  device.writeTensor(1, new Uint8Array(1 << 20));
  await device.createTensor(2, 16);
  device.dispatch(1, { tensors: { a: 1, b: 2 }, sizes: {} });
  const says = {
    name: "RangeError",
    message: /^out of memory: a tensor needs 1048576 bytes; \d+ of/,
  };
  await assert.rejects(creation, says);
  await assert.rejects(device.readTensor(1), says);
  await assert.rejects(device.readTensor(2), says);
  await assert.rejects(device.addConstant("w", new Uint8Array(1 << 20)), {
    name: "RangeError",
    message: /^out of memory: constant 'w' needs 1048576 bytes/,
  });
  device.removeConstant("w");
  device.destroyTensor(1);
  device.destroyTensor(2);
  assert.deepEqual(
    await runOnce(device, 1, net, { a: floats(4) }),
    expected(net, { a: floats(4) }),
  );
});

test("byte lengths that no tensor can have are refused", async () => {
  const device = await open();
  for (const byteLength of [-1, 1.5, NaN, 2 ** 32]) {
    await assert.rejects(device.createTensor(1, byteLength), {
      name: "RangeError",
      message: `a tensor of ${byteLength} bytes: must be an integer from 0 to 2147418112`,
    });
    device.destroyTensor(1);
  }
});

test("an arena that does not fit rejects the dispatch, not the device", async () => {
  const device = await open({ maxMemoryByteLength: 1 << 20 });
  const n = 1 << 18;
  const big = program(
    [
      [input("a"), 16],
      [{ kind: "arena" }, n],
      [output("b"), 16],
    ],
    [
      [scale(16, 2), [0, 1]],
      [scale(16, 2), [1, 2]],
    ],
  );
  await device.load(1, big);
  await assert.rejects(runOnce(device, 1, big, { a: floats(16) }), {
    name: "RangeError",
    message: /^out of memory: the arena of intermediate values needs 1048576 bytes/,
  });
  await device.createTensor(1, 500_000);
});

/** y = (x * 2 … of the constant, packed under `key`) for a program that reads only the packed bytes. */
function packing(constant: string, key: string): Program {
  return program(
    [
      [{ kind: "constant", key: constant }, 32],
      [{ kind: "prepared", key }, 32],
      [output("y"), 32],
    ],
    [[scale(32, 0.5), [1, 2]]],
    { prepare: [step([scale(32, 4), [0, 1], "pack"])] },
  );
}

test("packed weights are shared, and freed with the last program; the constant may go first", async () => {
  const device = await open();
  const before = await bytesOf(device);
  const w = floats(32);
  await device.addConstant("w", w);
  const net = packing("w", "w packed");
  await device.load(1, net);
  const afterOne = await bytesOf(device);
  assert.deepEqual([afterOne.constants, afterOne.prepared], [128, 128]);
  device.removeConstant("w");
  assert.equal((await bytesOf(device)).constants, 0, "no step reads the unpacked bytes");
  await device.load(2, net);
  assert.equal((await bytesOf(device)).prepared, 128);
  device.unload(1);
  assert.deepEqual(await runOnce(device, 2, net, {}), expected(net, { w }));
  device.unload(2);
  assert.deepEqual(await bytesOf(device), before);
  await assert.rejects(device.load(3, net), { message: "constant 'w' is not on this device" });
});

test("constants that steps read live until the last such program is unloaded", async () => {
  const device = await open();
  const net = program(
    [
      [{ kind: "constant", key: "w" }, 32],
      [output("y"), 32],
    ],
    [[scale(32, 0.5), [0, 1]]],
  );
  const w = floats(32);
  await device.addConstant("w", w);
  await device.load(1, net);
  await device.load(2, net);
  device.removeConstant("w");
  device.unload(1);
  assert.deepEqual(await runOnce(device, 2, net, {}), expected(net, { w }));
  await device.addConstant("w", w); // The same bytes: wanted again.
  device.unload(2);
  assert.equal((await bytesOf(device)).constants, 128);
  await assert.rejects(device.addConstant("w", floats(32, 2)), {
    name: "TypeError",
    message: "constant 'w' is on this device with other bytes",
  });
  device.removeConstant("w");
  assert.equal((await bytesOf(device)).constants, 0);
});

test("a constant that is too short is refused", async () => {
  const device = await open();
  await device.addConstant("w", floats(31));
  await assert.rejects(device.load(1, packing("w", "p")), {
    name: "RangeError",
    message: "constant 'w' has 124 bytes: the program needs 128",
  });
});

test("a failed load leaves nothing behind", async () => {
  const device = await open({ maxMemoryByteLength: 1 << 20 });
  await device.addConstant("w", floats(32));
  const before = await bytesOf(device);
  const tooBig: Program = {
    ...packing("w", "p"),
    buffers: [
      { dataType: "float32", elementCount: 32, place: { kind: "constant", key: "w" } },
      { dataType: "float32", elementCount: 1 << 19, place: { kind: "prepared", key: "p" } },
      { dataType: "float32", elementCount: 32, place: { kind: "output", name: "y" } },
    ],
  };
  await assert.rejects(device.load(1, tooBig), {
    name: "RangeError",
    message: /^out of memory: packed weight 'p' needs 2097152 bytes/,
  });
  assert.deepEqual(await bytesOf(device), before);
  await device.load(1, packing("w", "p"));
  device.unload(1);
  assert.deepEqual(await bytesOf(device), before);
});

test("weights are packed through the arena where packing takes several steps", async () => {
  const device = await open();
  const w = floats(32);
  await device.addConstant("w", w);
  const net = program(
    [
      [{ kind: "constant", key: "w" }, 32],
      [{ kind: "arena" }, 32],
      [{ kind: "prepared", key: "p" }, 32],
      [{ kind: "prepared", key: "unused" }, 32],
      [output("y"), 32],
    ],
    [[scale(32, 0.5), [2, 4]]],
    {
      prepare: [
        step([scale(32, 4), [0, 1]]),
        step([scale(32, 3), [1, 2]]),
        step([scale(32, 2), [0, 3]]),
      ],
    },
  );
  await device.load(1, net);
  assert.equal((await bytesOf(device)).prepared, 128, "nobody reads the other");
  assert.deepEqual(await runOnce(device, 1, net, {}), expected(net, { w }));
});

test("commands behind a load that nobody awaits keep their order", async () => {
  const device = await open();
  const net = program(
    [
      [input("a"), 4],
      [output("b"), 4],
    ],
    [[scale(4, 2), [0, 1]]],
  );
  await Promise.all([device.createTensor(1, 16), device.createTensor(2, 16)]);
  const given = floats(4);
  const loaded = device.load(1, net);
  const bytes = given.slice();
  device.writeTensor(1, bytes);
  bytes.fill(0); // Copied when it was called.
  device.dispatch(1, { tensors: { a: 1, b: 2 }, sizes: {} });
  device.writeTensor(1, new Uint8Array(16).fill(1));
  const read = device.readTensor(2);
  device.unload(1);
  device.destroyTensor(2);
  assert.deepEqual(await read, expected(net, { a: given }).b);
  await loaded;
  assert.equal((await bytesOf(device)).tensors, 16);
});

test("bytes are counted by region, and end at none", async () => {
  const device = await open();
  await device.createTensor(1, 100);
  await device.createTensor(2, 28);
  await device.addConstant("w", new Uint8Array(128));
  const net = packing("w", "p");
  assert.deepEqual(await bytesOf(device), { constants: 128, prepared: 0, arena: 0, tensors: 128 });
  await device.load(1, net);
  const { arena } = await bytesOf(device);
  assert.equal(arena, 16 + 20 + 8, "the schedule: a header, a record, two addresses");
  device.unload(1);
  device.removeConstant("w");
  device.destroyTensor(1);
  device.destroyTensor(2);
  assert.deepEqual(await bytesOf(device), { constants: 0, prepared: 0, arena: 0, tensors: 0 });
});

test("statistics say what runs where", async () => {
  const one = await open();
  const two = await openThreaded(2);
  const { description, threads } = await one.statistics();
  assert.match(description, /^wasm (relaxed-)?simd$/);
  assert.equal(threads, 1);
  assert.equal((await two.statistics()).threads, 2);
  await two.destroy();
});

test("a load waits for no promise of the engine's, which WebKit may never settle", async (t) => {
  const never = (): Promise<never> => new Promise(() => {});
  t.mock.method(WebAssembly, "compile", never);
  t.mock.method(WebAssembly, "instantiate", never);
  const device = await open();
  const net = packing("w", "p");
  const w = floats(32);
  await device.addConstant("w", w);
  await device.load(1, net);
  assert.deepEqual(await runOnce(device, 1, net, {}), expected(net, { w }));
});

test("destroy ends all and resolves lost; twice is once", async () => {
  const device = await openThreaded(2);
  const net = program(
    [
      [input("a"), 4],
      [output("b"), 4],
    ],
    [[scale(4, 2), [0, 1]]],
  );
  await device.load(1, net);
  const ended = device.destroy();
  const says = { message: "the device is lost: it was destroyed" };
  await assert.rejects(device.load(2, net), says);
  await assert.rejects(device.statistics(), says);
  device.dispatch(1, { tensors: {}, sizes: {} });
  await ended;
  assert.deepEqual(await device.lost, { message: "it was destroyed" });
  await device.destroy();
  await assert.rejects(device.statistics(), says);
});

for (const sharedMemory of [false, true]) {
  test(`a thousand devices leave nothing behind, ${sharedMemory ? "shared" : "not shared"}`, async () => {
    const net = program(
      [
        [input("a"), 4],
        [output("b"), 4],
      ],
      [[scale(4, 2), [0, 1]]],
    );
    // Engines do not count shared memory when they decide to collect garbage, so the test asks for it.
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const begin = process.memoryUsage().rss;
    for (let i = 0; i < 1000; i++) {
      const device = await open({ sharedMemory });
      await device.createTensor(1, 1 << 20);
      if (i % 50 === 0) {
        await device.load(1, net);
        await runOnce(device, 1, net, { a: floats(4) });
      }
      await device.destroy();
      if (i % 100 === 99) collectGarbage();
    }
    const grown = process.memoryUsage().rss - begin;
    assert.ok(grown < 300e6, `grown by ${grown} bytes`);
  });
}

test("threads are stopped with their devices", async () => {
  for (let i = 0; i < 10; i++) {
    const device = await openThreaded(3);
    await device.createTensor(1, 100);
    await device.destroy();
  }
});

test("a process with a device it forgot ends by itself", () => {
  const script = fileURLToPath(new URL("./forgotten-device.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script], {
    timeout: patience,
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout, stderr], [0, "2 threads, 1 dispatch\n", ""]);
});

/** Programs on the device against the interpreter: alone, in shared memory, and with helper threads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device } from "../../../core-webnn/plan/device.ts";
import type { Program } from "../../../core-webnn/plan/program.ts";
import { addSizes, multiplySizes, named, type Size } from "../../../core-webnn/util/size.ts";
import type { EmitKernel } from "../../../core-webnn/cpu/runtime/emit-program.ts";
import { emitPlainly } from "./plain-emitter.ts";
import {
  arena,
  expected,
  floats,
  input,
  matmul,
  normalise,
  open,
  openThreaded,
  output,
  program,
  runOnce,
  scale,
  type BufferRow,
} from "./programs.ts";

const devices: readonly (readonly [string, () => Promise<Device>])[] = [
  ["one thread, own memory", () => open()],
  ["one thread, shared memory", () => open({ sharedMemory: true })],
  ["two threads", () => openThreaded(2)],
  ["three threads", () => openThreaded(3)],
];

/** matmul → normalise → scale twice: steps of several chunks and of one. */
function network(rows: Parameters<typeof matmul>[0], k: number, columns: number): Program {
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

/** Steps over buffers of `count` elements, each reading what the one before wrote. */
function chain(count: Size, length: number): Program {
  const buffers = Array.from({ length: length - 1 }, (): BufferRow => [arena, count]);
  return program(
    [[input("x"), count], ...buffers, [output("y"), count]],
    Array.from({ length }, (_, i) => [scale(count, 1 - (i % 3) / 4), [i, i + 1]] as const),
    { sizeNames: ["rows"] },
  );
}

const rounds = 1000;

for (const [name, openOne] of devices) {
  test(`${name}: a network equals its interpretation, again and again`, async () => {
    const device = await openOne();
    const net = network(37, 50, 64);
    await device.load(1, net);
    for (let round = 0; round < 8; round++) {
      const given = { x: floats(37 * 50, round), w: floats(50 * 64, 99) };
      assert.deepEqual(await runOnce(device, 1, net, given), expected(net, given));
    }
    const { dispatches, kernelsRun } = await device.statistics();
    assert.deepEqual([dispatches, kernelsRun], [8, 40]);
    await device.destroy();
  });

  test(`${name}: sizes change from dispatch to dispatch, also to none`, async () => {
    const device = await openOne();
    const net = network(named({ name: "rows", maxSize: 300 }), 16, 48);
    await device.load(1, net);
    for (const rows of [1, 2, 33, 300, 7, 0, 33, 34]) {
      const given = { x: floats(rows * 16), w: floats(16 * 48, 5) };
      assert.deepEqual(
        await runOnce(device, 1, net, given, { rows }),
        expected(net, given, { rows }),
        `rows = ${rows}`,
      );
    }
    await device.destroy();
  });
}

test("hand-overs: many small steps that all threads share, programs and sizes taking turns", async () => {
  const emit: EmitKernel = (module, kernel, features) => ({
    ...emitPlainly(module, kernel, features),
    unitCost: 500_000, // Far too much, so that every step is cut into chunks and helpers are woken.
  });
  const device = await openThreaded(3, { emit });
  const rows = named({ name: "rows" });
  const nets = [chain(rows, 30), chain(multiplySizes(2, rows), 7)];
  for (const [id, net] of nets.entries()) await device.load(id, net);
  for (let round = 0; round < rounds; round++) {
    const sizes = { rows: 1 + (round % 23) };
    const net = nets[round % 2]!;
    const given = { x: floats(sizes.rows * (1 + (round % 2)), round) };
    const wanted = expected(net, given, sizes);
    assert.deepEqual(await runOnce(device, round % 2, net, given, sizes), wanted, `round ${round}`);
  }
  await device.destroy();
});

test("steps with nothing to do are not counted as run", async () => {
  const device = await open();
  const net = network(named({ name: "rows" }), 4, 4);
  await device.load(1, net);
  await runOnce(device, 1, net, { x: floats(0), w: floats(16) }, { rows: 0 });
  assert.equal((await device.statistics()).kernelsRun, 0);
});

test("a tensor may feed several programs, and outputs feed on", async () => {
  const device = await open();
  const double = program(
    [
      [input("a"), 100],
      [output("b"), 100],
    ],
    [[scale(100, 2), [0, 1]]],
  );
  const halve = program(
    [
      [input("a"), 100],
      [output("b"), 100],
    ],
    [[scale(100, 0.5), [0, 1]]],
  );
  await device.load(1, double);
  await device.load(2, halve);
  const a = floats(100);
  for (const id of [1, 2, 3]) await device.createTensor(id, 400);
  device.writeTensor(1, a);
  device.dispatch(1, { tensors: { a: 1, b: 2 }, sizes: {} });
  device.dispatch(2, { tensors: { a: 2, b: 3 }, sizes: {} });
  device.dispatch(1, { tensors: { a: 3, b: 1 }, sizes: {} });
  const { b: twice } = expected(double, { a });
  const { b: again } = expected(halve, { a: twice! });
  assert.deepEqual(await device.readTensor(2), twice);
  assert.deepEqual(await device.readTensor(3), again);
  assert.deepEqual(await device.readTensor(1), expected(double, { a: again! }).b);
});

test("two devices side by side share nothing", async () => {
  const [one, two] = [await openThreaded(2), await openThreaded(2)];
  const nets = [network(64, 64, 64), network(32, 100, 40)] as const;
  await Promise.all([one.load(1, nets[0]), two.load(1, nets[1])]);
  for (let round = 0; round < 4; round++) {
    const first = { x: floats(64 * 64, round), w: floats(64 * 64) };
    const second = { x: floats(32 * 100, round), w: floats(100 * 40) };
    const results = await Promise.all([
      runOnce(one, 1, nets[0], first),
      runOnce(two, 1, nets[1], second),
    ]);
    assert.deepEqual(results, [expected(nets[0], first), expected(nets[1], second)]);
  }
  await one.destroy();
  const given = { x: floats(32 * 100), w: floats(100 * 40) };
  assert.deepEqual(await runOnce(two, 1, nets[1], given), expected(nets[1], given));
  await two.destroy();
});

test("the arena grows when a larger program comes, and older frames follow it", async () => {
  const device = await open();
  const [small, large] = [network(8, 8, 8), network(64, 64, 64)];
  await device.load(1, small);
  await device.load(2, large);
  const [x, w] = [floats(64), floats(64, 2)];
  const [xs, ws] = [floats(4096, 3), floats(4096, 4)];
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(await runOnce(device, 1, small, { x, w }), expected(small, { x, w }));
    assert.deepEqual(
      await runOnce(device, 2, large, { x: xs, w: ws }),
      expected(large, { x: xs, w: ws }),
    );
  }
});

test("sizes may be any polynomial of the names", async () => {
  const device = await openThreaded(2);
  const past = named({ name: "past", maxSize: 448 });
  const length = addSizes(past, 1);
  const count = multiplySizes(length, length, 3);
  const net = program(
    [
      [input("a"), count],
      [arena, count],
      [output("b"), count],
    ],
    [
      [scale(count, 2), [0, 1]],
      [normalise(multiplySizes(length, 3), length), [1, 2]],
    ],
    { sizeNames: ["past"] },
  );
  await device.load(1, net);
  for (let past = 0; past < 40; past++) {
    const given = { a: floats(3 * (past + 1) ** 2) };
    assert.deepEqual(
      await runOnce(device, 1, net, given, { past }),
      expected(net, given, { past }),
    );
  }
  await device.destroy();
});

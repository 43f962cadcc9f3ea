/** Traps, threads that die, and what is left after them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Assembler } from "../../../core-webnn/cpu/assembler.ts";
import type { EmitKernel } from "../../../core-webnn/cpu/runtime/emit-program.ts";
import type { ThreadPort } from "../../../core-webnn/cpu/runtime/thread-port.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import type { Program } from "../../../core-webnn/plan/program.ts";
import { named, type Sizes } from "../../../core-webnn/util/size.ts";
import { patience } from "../../setup/patience.ts";
import { emitPlainly } from "./plain-emitter.ts";
import {
  arena,
  expected,
  floats,
  gather,
  input,
  ints,
  open,
  openThreaded,
  output,
  program,
  runOnce,
  scale,
} from "./programs.ts";

const units = 64;

/**
 * A kernel that notes for each unit whose scratch it was given, slowly enough that helpers get a share.
 * Where that is not the scratch that its input names (0: any), so on helpers, it does what `onHelper` says.
 */
function emitProbe(onHelper: "go on" | "trap" | "hang"): EmitKernel {
  return (module) => {
    const type = { params: ["i32", "i32", "i32", "i32"], results: [] } as const;
    const functionIndex = module.addFunction(type, (asm, block, begin, end, scratch) => {
      const [left, leader] = [asm.local("i32"), asm.local("i32")];
      asm.loop((next) => {
        asm.i32(200_000);
        asm.set(left);
        asm.loop((spin) => {
          asm.get(left);
          asm.i32(1);
          asm.op("i32.sub");
          asm.tee(left);
          asm.brIf(spin);
        });
        asm.get(block!);
        asm.memory("i32.load");
        asm.memory("i32.load");
        asm.tee(leader);
        asm.if(() => {
          asm.get(leader);
          asm.get(scratch!);
          asm.op("i32.ne");
          asm.if(() => misbehave(asm, onHelper));
        });
        asm.get(block!);
        asm.memory("i32.load", 4);
        asm.get(begin!);
        asm.i32(4);
        asm.op("i32.mul");
        asm.op("i32.add");
        asm.get(scratch!);
        asm.memory("i32.store");
        asm.get(begin!);
        asm.i32(1);
        asm.op("i32.add");
        asm.tee(begin!);
        asm.get(end!);
        asm.op("i32.lt_u");
        asm.brIf(next);
      });
    });
    return { functionIndex, sizes: [], units, unitCost: 400_000, scratchByteLength: 64 };
  };
}

function misbehave(asm: Assembler, how: "go on" | "trap" | "hang"): void {
  if (how === "trap") asm.unreachable();
  if (how === "hang") asm.loop((forever) => asm.br(forever));
}

const probe: Program = program(
  [
    [input("leader"), 1, "int32"],
    [output("scratch"), units, "int32"],
  ],
  [[scale(units, 1), [0, 1], "probe"]],
);

/** The scratches that were used, ascending: the leading thread's is the lowest. */
async function scratches(device: Device, leader = 0): Promise<readonly number[]> {
  const { scratch } = await runOnce(device, 1, probe, { leader: ints([leader]) });
  return [...new Set(new Int32Array(scratch!.buffer))].sort((a, b) => a - b);
}

/** Helpers take part once they have started; nobody waits for them, so this tries again. */
async function until<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    const result = await attempt();
    if (result !== undefined) return result;
    await setTimeout(5);
  }
  throw new Error(`nothing happened in ${patience / 1000} s`);
}

function messageOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: Error) => error.message,
  );
}

test("every thread has scratch of its own", async () => {
  const device = await openThreaded(3, { emit: emitProbe("go on") });
  await device.load(1, probe);
  const [a, b, c] = await until(async () => {
    const found = await scratches(device);
    return found.length === 3 ? found : undefined;
  });
  assert.deepEqual([b! - a!, c! - b!], [64, 64]);
  await device.destroy();
});

test("a trap on a helper rejects the output, and the device goes on", async () => {
  const device = await openThreaded(2, { emit: emitProbe("trap") });
  await device.load(1, probe);
  const [leader] = await scratches(device);
  for (let round = 0; round < 3; round++) {
    const message = await until(() => messageOf(scratches(device, leader)));
    assert.equal(message, "step 0 (probe) failed: unreachable");
    const used = await until(async () => {
      const found = await scratches(device);
      return found.length === 2 ? found : undefined;
    });
    assert.equal(used[0], leader);
  }
  await device.destroy();
});

test("a trap on the leading thread waits for the helpers and rejects the output", async () => {
  const device = await openThreaded(2, { emit: emitProbe("trap") });
  await device.load(1, probe);
  await until(async () => ((await scratches(device)).length === 2 ? true : undefined));
  for (let round = 0; round < 5; round++) {
    assert.equal(await messageOf(scratches(device, 1)), "step 0 (probe) failed: unreachable");
    assert.ok((await scratches(device)).length > 0);
  }
  await device.destroy();
});

test("a helper that never answers loses the device", async () => {
  const device = await openThreaded(2, { emit: emitProbe("hang"), patience: 20_000 });
  await device.load(1, probe);
  const [leader] = await scratches(device);
  const message = await until(() => messageOf(scratches(device, leader)));
  assert.equal(message, "the device is lost: a helper thread does not answer");
  assert.deepEqual(await device.lost, { message: "a helper thread does not answer" });
  await device.destroy();
});

test("a helper that ends loses the device; later commands say why", async () => {
  const started: ThreadPort[] = [];
  const device = await openThreaded(2, {}, started);
  await device.createTensor(1, 16);
  await started[0]!.close();
  const { message } = await device.lost;
  assert.match(message, /^helper thread 1 ended: it exited with code [01]$/);
  const says = { message: `the device is lost: ${message}` };
  await assert.rejects(device.readTensor(1), says);
  await assert.rejects(device.createTensor(2, 16), says);
  await assert.rejects(device.load(1, probe), says);
  device.writeTensor(1, new Uint8Array(16));
  device.dispatch(1, { tensors: {}, sizes: {} });
  await device.destroy();
});

const picks: Program = program(
  [
    [input("a"), 8],
    [input("where"), 4, "int32"],
    [arena, 4],
    [output("b"), 4],
    [output("c"), 8],
  ],
  [
    [scale(8, 2), [0, 4], "before"],
    [gather(4, 8), [0, 1, 2], "pick"],
    [scale(4, 1), [2, 3], "after"],
  ],
);

test("a trap names the step's node; the tensors recover when they are written", async () => {
  for (const device of [await open(), await open({ sharedMemory: true })]) {
    await device.load(1, picks);
    const [a, where, b, c] = [1, 2, 3, 4];
    for (const [id, byteLength] of [
      [a, 32],
      [where, 16],
      [b, 16],
      [c, 32],
    ] as const) {
      await device.createTensor(id, byteLength);
    }
    const binding = { tensors: { a, where, b, c }, sizes: {} };
    const given = { a: floats(8), where: ints([7, 0, 3, 3]) };
    device.writeTensor(a, given.a);
    device.writeTensor(where, ints([7, 0, 0x1fff_ffff, 3]));
    device.dispatch(1, binding);
    const says = { message: "step 1 (pick) failed: memory access out of bounds" };
    await assert.rejects(device.readTensor(b), says);
    await assert.rejects(device.readTensor(c), says);
    assert.deepEqual(await device.readTensor(a), given.a);

    // What is computed from a failed tensor fails for the same reason.
    device.dispatch(1, { tensors: { a: c, where, b, c: a }, sizes: {} });
    await assert.rejects(device.readTensor(b), says);
    await assert.rejects(device.readTensor(a), says);
    device.writeTensor(a, given.a);
    assert.deepEqual(await device.readTensor(a), given.a);

    device.writeTensor(where, given.where);
    device.dispatch(1, binding);
    const results = expected(picks, given);
    assert.deepEqual(
      [await device.readTensor(b), await device.readTensor(c)],
      [results.b, results.c],
    );
  }
});

test("bad bindings and sizes reject the outputs and say what was needed", async () => {
  const device = await open();
  const n = named({ name: "n" });
  const net = program(
    [
      [input("a"), n],
      [output("b"), n],
    ],
    [[scale(n, 2), [0, 1]]],
    {
      sizeNames: ["n"],
    },
  );
  await device.load(1, net);
  for (const id of [1, 2]) await device.createTensor(id, 400);
  const both = { a: 1, b: 2 };
  const rows: readonly (readonly [Record<string, number>, Sizes, string])[] = [
    [both, {}, "the size 'n' is undefined: must be an integer, 0 or more"],
    [both, { n: -1 }, "the size 'n' is -1: must be an integer, 0 or more"],
    [both, { n: 1.5 }, "the size 'n' is 1.5: must be an integer, 0 or more"],
    [both, { n: 2 ** 40 }, "a size of 1099511627776 is out of range: kernels count in 32 bits"],
    [both, { n: 101 }, "input 'a' has 400 bytes: the program needs 404"],
    [{ b: 2 }, { n: 1 }, "no tensor is bound to the input 'a'"],
  ];
  for (const [tensors, sizes, message] of rows) {
    device.dispatch(1, { tensors, sizes });
    await assert.rejects(device.readTensor(2), { message });
  }
  device.dispatch(1, { tensors: both, sizes: { n: 100 } });
  assert.equal((await device.readTensor(2)).byteLength, 400);
});

test("threads that cannot be had are refused, and nothing is left running", async () => {
  const startThread = (): ThreadPort => {
    throw new Error("no worker here");
  };
  const rows = [
    [{ threads: 0 }, /threads: 0 must be an integer from 1 to 64/],
    [{ threads: 1.5 }, /threads: 1.5 must be/],
    [{ threads: 2 }, /threads: 2 threads need shared memory/],
    [{ threads: 2, sharedMemory: true }, /threads: 2 threads need startThread/],
    [{ threads: 2, sharedMemory: true, startThread }, /no worker here/],
  ] as const;
  for (const [options, message] of rows) await assert.rejects(open(options), { message });
});

test("a kernel without code rejects the load with its node, and the device goes on", async () => {
  const device = await open(
    {},
    {
      emit: (module, kernel, features) => {
        if (kernel.buffers.length === 3) throw new Error("three buffers are too many");
        return emitPlainly(module, kernel, features);
      },
    },
  );
  await assert.rejects(device.load(1, picks), {
    message: "no code for the kernel of pick: Error: three buffers are too many",
  });
  const net = program(
    [
      [input("a"), 8],
      [output("b"), 8],
    ],
    [[scale(8, 2), [0, 1]]],
  );
  await device.load(1, net);
  const given = { a: floats(8) };
  assert.deepEqual(await runOnce(device, 1, net, given), expected(net, given));
});

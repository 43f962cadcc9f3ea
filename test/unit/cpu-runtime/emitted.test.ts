/** The device as it is used: with our emitter, on one thread and on two. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createCpuDevice } from "../../../core-webnn/cpu/device.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import type { Program } from "../../../core-webnn/plan/program.ts";
import { multiplySizes, named } from "../../../core-webnn/util/size.ts";
import { compareBuffers, randomKernel, type KernelCase } from "../kernel/random-kernel.ts";
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
  startThread,
} from "./programs.ts";

const kernelCount = 30;
/** What random kernels may differ by: tests of the emitter itself are stricter where they can be. */
const ulp = 8;

const devices: readonly (readonly [string, () => Promise<Device>])[] = [
  ["one thread", () => createCpuDevice({ threads: 1, sharedMemory: false })],
  ["two threads", () => createCpuDevice({ threads: 2, sharedMemory: true, startThread })],
];

for (const [name, openOne] of devices) {
  test(`${kernelCount} random kernels, ${name}`, async () => {
    const device = await openOne();
    for (let seed = 1; seed <= kernelCount; seed++) {
      assert.equal(await differenceOf(device, seed, randomKernel(seed)), undefined, `seed ${seed}`);
    }
    const { bytes } = await device.statistics();
    assert.deepEqual(bytes, { constants: 0, prepared: 0, arena: 0, tensors: 0 });
    await device.destroy();
  });

  test(`products and rows of a size that grows, ${name}`, async () => {
    const device = await openOne();
    const past = named({ name: "past", maxSize: 200 });
    const net = program(
      [
        [input("a"), multiplySizes(past, 48)],
        [input("b"), 48 * 40],
        [arena, multiplySizes(past, 40)],
        [output("c"), multiplySizes(past, 40)],
      ],
      [
        [matmul(past, 48, 40), [0, 1, 2]],
        [normalise(past, 40), [2, 3]],
      ],
      { sizeNames: ["past"] },
    );
    await device.load(1, net);
    for (const past of [0, 1, 2, 3, 64, 65, 200]) {
      const given = { a: floats(past * 48, past), b: floats(48 * 40, 7) };
      const actual = await runOnce(device, 1, net, given, { past });
      const wanted = expected(net, given, { past });
      assert.ok(largestDifference(actual["c"]!, wanted["c"]!) < 1e-5, `past = ${past}`);
    }
    await device.destroy();
  });
}

/** Sums are taken in another order, so that results differ by rounding. */
function largestDifference(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [new Float32Array(a.buffer), new Float32Array(b.buffer)];
  assert.equal(x.length, y.length);
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);
}

/** Runs the kernel as a program of one step. */
async function differenceOf(
  device: Device,
  id: number,
  { kernel, sizes, inputs }: KernelCase,
): Promise<string | undefined> {
  const names = kernel.buffers.map((_, i) => `b${i}`);
  const net: Program = program(
    kernel.buffers.map(({ access, elementCount, dataType }, i) => [
      access === "read" ? input(names[i]!) : output(names[i]!),
      elementCount,
      dataType,
    ]),
    [[kernel, [...kernel.buffers.keys()]]],
    { sizeNames: Object.keys(sizes) },
  );
  const given = Object.fromEntries(names.map((name, i) => [name, inputs[i]!]));
  await device.load(id, net);
  const actual = await runOnce(device, id, net, given, sizes);
  device.unload(id);
  const wanted = expected(net, given, sizes);
  const inOrder = (bytes: Readonly<Record<string, Uint8Array>>): readonly Uint8Array[] =>
    names.map((name) => bytes[name] ?? new Uint8Array(0));
  return compareBuffers(kernel, inOrder(wanted), inOrder(actual), ulp);
}

/** Memories of devices that were destroyed are collected without anybody asking: shared ones too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { openCpuDevice } from "../../core-webnn/api/host.ts";

const byteLength = 2 ** 26;
const deviceCount = 24;

for (const sharedMemory of [false, true]) {
  test(`${sharedMemory ? "shared memories" : "memories"} of destroyed devices`, async (t) => {
    const before = process.memoryUsage.rss();
    let most = 0;
    for (let i = 0; i < deviceCount; i++) {
      const device = await openCpuDevice({ threads: 1, sharedMemory });
      await device.createTensor(1, byteLength);
      await device.destroy();
      // The engine gives memory back between tasks.
      await setTimeout(20);
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    t.diagnostic(
      `${most} bytes at most, for ${deviceCount} devices of ${byteLength} one after another`,
    );
    assert.ok(most < 10 * byteLength, `${most} bytes`);
  });
}

/** The device's memory: what is handed out, what comes back, and what happens when there is none left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FreeList } from "../../../core-webnn/cpu/runtime/free-list.ts";
import { DeviceMemory, type Block } from "../../../core-webnn/cpu/runtime/memory.ts";

const page = 65_536;

test("free ranges merge again, whatever the order of release", () => {
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
    [2, 0, 3, 1],
  ]) {
    const list = new FreeList(64);
    list.extend(64 + 400);
    const ranges = [100, 100, 100, 100].map((length) => list.allocate(length)!);
    assert.deepEqual(ranges, [64, 164, 264, 364]);
    assert.equal(list.allocate(1), undefined);
    for (const i of order) list.release(ranges[i]!);
    assert.equal(list.freeAtEnd, 400);
    assert.equal(list.allocate(400), 64);
  }
});

test("the smallest hole that fits is taken, the lowest of equals", () => {
  const list = new FreeList(0);
  list.extend(1000);
  const [a, , b, , c] = [100, 10, 50, 10, 50, 10].map((length) => list.allocate(length)!);
  for (const hole of [a, b, c]) list.release(hole!);
  assert.equal(list.allocate(40), b);
  assert.equal(list.allocate(60), a);
  assert.equal(list.allocate(45), c);
});

test("a release of what was not allocated is our mistake", () => {
  const list = new FreeList(0);
  list.extend(100);
  const address = list.allocate(10)!;
  assert.throws(() => list.release(5), /nothing is allocated at 5/);
  list.release(address);
  assert.throws(() => list.release(address), /nothing is allocated at 0/);
});

test("random allocations never overlap, are aligned, and leave 16 readable bytes", () => {
  const memory = new DeviceMemory({ shared: false, reservedByteLength: 1000 });
  const live: Block[] = [];
  let seed = 3;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let round = 0; round < 3000; round++) {
    if (live.length > 40 || (live.length > 0 && random(3) === 0)) {
      memory.release(live.splice(random(live.length), 1)[0]!);
    } else live.push(memory.allocate(random(5) === 0 ? random(200_000) : random(300), "a test"));
  }
  live.sort((x, y) => x.address - y.address);
  live.forEach(({ address, byteLength }, i) => {
    assert.equal(address % 64, 0);
    assert.ok(address >= 1000);
    const next = live[i + 1]?.address ?? memory.bytes.byteLength;
    assert.ok(address + byteLength + 16 <= next);
  });
});

for (const shared of [false, true]) {
  test(`memory grows in steps and keeps its bytes, ${shared ? "shared" : "not shared"}`, () => {
    const memory = new DeviceMemory({ shared, reservedByteLength: 600 });
    const small = memory.allocate(4, "a test");
    memory.write(small, Uint8Array.of(1, 2, 3, 4));
    const before = memory.bytes;
    const large = memory.allocate(3_000_000, "a test");
    memory.fill(large, 7);
    assert.notEqual(memory.bytes, before, "views are new after growth");
    assert.deepEqual(memory.read(small), Uint8Array.of(1, 2, 3, 4));
    assert.equal(
      memory.read(large).every((byte) => byte === 7),
      true,
    );
    assert.ok(!(memory.read(small).buffer instanceof SharedArrayBuffer));
  });
}

test("running out names what was asked for, what is in use and the limit, and nothing is lost", () => {
  const limit = 20 * page;
  const memory = new DeviceMemory({ shared: false, reservedByteLength: 64, maxByteLength: limit });
  const half = memory.allocate(10 * page, "constant 'w'");
  assert.throws(() => memory.allocate(11 * page, "a tensor"), {
    name: "RangeError",
    message: `out of memory: a tensor needs ${11 * page} bytes; ${10 * page} of at most ${limit} are in use`,
  });
  const rest = memory.allocate(9 * page, "a tensor");
  memory.release(half);
  memory.release(rest);
  assert.equal(memory.allocate(19 * page, "a tensor").byteLength, 19 * page);
});

test("a limit below what the control words need is refused", () => {
  assert.throws(
    () => new DeviceMemory({ shared: false, reservedByteLength: 100, maxByteLength: 1000 }),
    { name: "RangeError", message: /at most 1000 bytes is too small: 65536 are needed/ },
  );
});

test("addresses beyond 2 GiB are plain numbers", () => {
  const memory = new DeviceMemory({ shared: false, reservedByteLength: 64 });
  const low = memory.allocate(2 ** 31, "a test");
  const high = memory.allocate(1 << 20, "a test");
  memory.write(high, Uint8Array.of(9));
  assert.ok(high.address > 2 ** 31 && low.address > 0);
  assert.equal(memory.bytes[high.address], 9);
});

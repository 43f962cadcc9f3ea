/** The team's messages to its helpers, whose end of the channel is played here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeviceMemory } from "../../../core-webnn/cpu/runtime/memory.ts";
import { Team } from "../../../core-webnn/cpu/runtime/team.ts";
import type { ThreadPort } from "../../../core-webnn/cpu/runtime/thread-port.ts";
import { control, controlByteLength } from "../../../core-webnn/cpu/schedule/control.ts";

const emptyModule = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

test("each message is counted before it is posted, and helpers are woken after", () => {
  const memory = new DeviceMemory({ shared: true, reservedByteLength: controlByteLength(3) });
  const words = new Int32Array(memory.memory.buffer);
  const load = (address: number): number => Atomics.load(words, address / 4);
  const found: (readonly [helper: number, mail: number, wake: number])[] = [];
  const helpers = [1, 2].map((helper): ThreadPort => ({
    // What a helper finds that receives the message at once, while its sender goes no further.
    post: () => found.push([helper, load(control.mail), load(control.wake)]),
    onEnd: () => undefined,
    close: async () => undefined,
  }));
  const team = new Team({ memory, helpers, onLoss: assert.fail });
  team.load(1, emptyModule);
  team.unload(1);
  assert.deepEqual(found, [
    [1, 1, 0],
    [2, 1, 0],
    [1, 2, 1],
    [2, 2, 1],
    [1, 3, 2],
    [2, 3, 2],
  ]);
  assert.equal(load(control.wake), 3);
});

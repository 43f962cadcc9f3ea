/** Run by device.test.ts: uses two threads and ends without a word to the device. */
import { setTimeout } from "node:timers/promises";
import {
  expected,
  floats,
  input,
  openThreaded,
  output,
  program,
  runOnce,
  scale,
} from "./programs.ts";

const device = await openThreaded(2);
const net = program(
  [
    [input("a"), 1 << 16],
    [output("b"), 1 << 16],
  ],
  [[scale(1 << 16, 2), [0, 1]]],
);
await device.load(1, net);
await setTimeout(300); // The helper is parked by now.
const given = { a: floats(1 << 16) };
const { b } = await runOnce(device, 1, net, given);
const { threads, dispatches } = await device.statistics();
if (Buffer.compare(b!, expected(net, given).b!) !== 0) throw new Error("the result is wrong");
console.log(`${threads} threads, ${dispatches} dispatch`);

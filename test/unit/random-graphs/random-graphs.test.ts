/** Some random graphs, also with named sizes. What single ops give is tested elsewhere (test/fuzz goes on with others). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { printGraph } from "../../../core-webnn/graph/print.ts";
import { deviceKinds, type NamedDevice } from "../../reference/run-on-devices.ts";
import { checkGraph } from "./check-graph.ts";
import { randomGraph } from "./random-graph.ts";

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
const devices: NamedDevice[] = [];

before(async () => {
  for (const { name, open } of deviceKinds) devices.push({ name, device: await open() });
});
after(async () => {
  for (const { device } of devices) await device.destroy();
});

test("random graphs give on every device what their nodes give one at a time", async () => {
  for (const seed of seeds) {
    const random = randomGraph(seed, 20);
    const wrong = await checkGraph(random, devices);
    assert.equal(wrong, undefined, `seed ${seed}: ${wrong}\n${printGraph(random.graph)}`);
  }
});

test("a device that gives a wrong bit is found out", async () => {
  const { name, device } = devices[0]!;
  const readTensor = async (id: number): Promise<Uint8Array<ArrayBuffer>> =>
    (await device.readTensor(id)).map((byte, i) => (i === 0 ? byte ^ 1 : byte));
  const wrong = await checkGraph(randomGraph(1, 20), [{ name, device: { ...device, readTensor } }]);
  assert.match(wrong ?? "", /^interpreter as cpu: output y\d\[0\] is /);
});

/** Registers a test for each kind of device: interpreter, CPU, and the GPU adapters there are. */
import { test } from "node:test";
import type { Device } from "../../core-webnn/plan/device.ts";
import { createGpuDevice } from "../../core-webnn/gpu/device.ts";
import { onEachAdapter } from "../unit/gpu/adapters.ts";
import { deviceKinds } from "./run-on-devices.ts";

export async function onEveryDevice(
  name: string,
  body: (device: Device, name: string) => Promise<void>,
): Promise<void> {
  const withDevice = async (device: Device, kind: string): Promise<void> => {
    try {
      await body(device, kind);
    } finally {
      await device.destroy();
    }
  };
  for (const kind of deviceKinds) {
    test(`${name} (${kind.name})`, async () => withDevice(await kind.open(), kind.name));
  }
  await onEachAdapter(name, async ({ name: adapter, gpu }) => {
    await withDevice(await createGpuDevice({ gpu }), adapter);
  });
}

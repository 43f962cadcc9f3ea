/** Uses a GPU device and forgets it: the process must end all the same. */
import { createGpuDevice } from "../../../core-webnn/gpu/device.ts";
import { nodeGpu } from "../../../core-webnn/gpu/node-gpu.ts";

const device = await createGpuDevice({ gpu: await nodeGpu() });
await device.createTensor(1, 16);
console.log(`read ${(await device.readTensor(1)).byteLength} bytes`);

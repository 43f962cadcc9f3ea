/** What compilers of shaders differ in: how float16 is stored, and what they say of errors. */
import assert from "node:assert/strict";
import { ml, MLGraphBuilder } from "../../../core-webnn/index.ts";
import { Pipelines } from "../../../core-webnn/gpu/pipelines.ts";
import { shaderFactsOf } from "../../../core-webnn/gpu/shader-facts.ts";
import { fromHalf, toHalf } from "../../../core-webnn/util/half.ts";
import { onEachAdapter } from "./adapters.ts";

async function openWithHalf(gpu: GPU): Promise<GPUDevice | undefined> {
  const adapter = await gpu.requestAdapter();
  if (!adapter?.features.has("shader-f16")) return undefined;
  return adapter.requestDevice({ requiredFeatures: ["shader-f16"] });
}

await onEachAdapter("Dawn makes an f16 of bits", async ({ gpu }) => {
  const device = await openWithHalf(gpu);
  if (device === undefined) return;
  assert.deepEqual(await shaderFactsOf(device), { hasHalf: true });
  device.destroy();
});

await onEachAdapter("float16 is right where a compiler makes no f16 of bits", async ({ gpu }) => {
  const device = await openWithHalf(gpu);
  if (device === undefined) return;
  const compile = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) =>
    compile(descriptor.code.includes("bitcast<vec2<f16>>") ? { code: "no" } : descriptor);
  assert.deepEqual(await shaderFactsOf(device), { hasHalf: false });

  const context = await ml.createContext(device);
  const halves = { dataType: "float16", shape: [3] } as const;
  const builder = new MLGraphBuilder(context);
  const graph = await builder.build({ y: builder.neg(builder.input("x", halves)) });
  const x = await context.createTensor({ ...halves, writable: true });
  const y = await context.createTensor({ ...halves, readable: true });
  // The smallest subnormal, the largest number, and infinity.
  context.writeTensor(x, Uint16Array.from([2 ** -24, 65504, Infinity], toHalf));
  context.dispatch(graph, { x }, { y });
  const bits = new Uint16Array(await context.readTensor(y));
  assert.deepEqual(Array.from(bits, fromHalf), [-(2 ** -24), -65504, -Infinity]);
  context.destroy();
  device.destroy();
});

await onEachAdapter("a shader that does not compile says where and why", async ({ gpu }) => {
  const device = await (await gpu.requestAdapter())!.requestDevice();
  const code = "@compute @workgroup_size(1)\nfn main() { let x = nobody; }";
  const shader = { code, sizes: [], workgroups: 1, access: [] };
  await assert.rejects(new Pipelines(device).get(shader, 1), /line 2: .*nobody/);
  device.destroy();
});

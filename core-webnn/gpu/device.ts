/** Opens the GPU device of plan/device.ts on WebGPU. */
import type { Device } from "../plan/device.ts";
import type { Program } from "../plan/program.ts";
import { emitProgram, type EmittedProgram } from "./emit-program.ts";
import type { ShaderFacts } from "./emit-wgsl.ts";
import { GpuDevice } from "./gpu-device.ts";
import { shaderFactsOf } from "./shader-facts.ts";

export interface GpuDeviceOptions {
  /** Where to ask for an adapter: `navigator.gpu`, or what `nodeGpu()` gives. */
  readonly gpu?: GPU;
  /** A device to share; it stays the caller's, and is not destroyed with ours. */
  readonly device?: GPUDevice;
  readonly powerPreference?: GPUPowerPreference;
  /** Writes a program's shaders, elsewhere if need be; by default on this thread. */
  readonly emit?: (program: Program, facts: ShaderFacts) => Promise<EmittedProgram>;
}

/** Rejects with a NotSupportedError where there is no WebGPU or no adapter. */
export async function createGpuDevice(options: GpuDeviceOptions): Promise<Device> {
  const { gpu, powerPreference } = options;
  const emit = options.emit ?? ((program, facts) => Promise.resolve(emitProgram(program, facts)));
  const found = async (device: GPUDevice, isOwn: boolean): Promise<Device> =>
    new GpuDevice({ device, isOwn, shaderFacts: await shaderFactsOf(device), emit, gpu });
  if (options.device !== undefined) return found(options.device, false);
  if (gpu === undefined) throw notSupported("no WebGPU here: give a `gpu` or a `device`");
  const adapter = await gpu.requestAdapter(
    powerPreference === undefined ? {} : { powerPreference },
  );
  if (adapter === null) {
    throw notSupported(
      "WebGPU has no adapter: is there a GPU, or a software driver, that it can use?",
    );
  }
  return found(await requestDevice(adapter), true);
}

/** With float16 where there is any, and limits as large as they go: tensors and fused kernels want them. */
function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const limits = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
  ];
  return adapter.requestDevice({
    requiredFeatures: adapter.features.has("shader-f16") ? ["shader-f16"] : [],
    requiredLimits: Object.fromEntries(
      limits.map((name) => [name, adapter.limits[name as keyof GPUSupportedLimits] as number]),
    ),
  });
}

function notSupported(message: string): DOMException {
  return new DOMException(message, "NotSupportedError");
}

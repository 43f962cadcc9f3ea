/** Runs one kernel on a WebGPU device: the least that an emitted shader needs. */
import {
  emitWgsl,
  separateBindings,
  type EmittedShader,
} from "../../../core-webnn/gpu/emit-wgsl.ts";
import {
  bufferUsage,
  mapModeRead,
  shaderStageCompute,
} from "../../../core-webnn/gpu/webgpu-flags.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { evaluateSize, type Sizes } from "../../../core-webnn/util/size.ts";

export async function openDevice(gpu: GPU): Promise<GPUDevice> {
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error("no adapter");
  return adapter.requestDevice({
    requiredFeatures: adapter.features.has("shader-f16") ? ["shader-f16"] : [],
    requiredLimits: {
      maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage,
      maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
      maxBufferSize: adapter.limits.maxBufferSize,
    },
  });
}

export interface RunOptions {
  /** Whether to use the device's float16. */
  readonly hasHalf?: boolean;
  readonly maxRows?: number;
}

/** The bytes of all buffers afterwards. */
export async function runKernel(
  device: GPUDevice,
  kernel: Kernel,
  sizes: Sizes,
  inputs: readonly Uint8Array[],
  { hasHalf = device.features.has("shader-f16"), maxRows = Infinity }: RunOptions = {},
): Promise<Uint8Array[]> {
  const shader = emitWgsl(kernel, { hasHalf }, separateBindings(kernel), maxRows);
  return runShader(device, kernel, shader, sizes, inputs).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${shader.code}`);
  });
}

async function runShader(
  device: GPUDevice,
  kernel: Kernel,
  shader: EmittedShader,
  sizes: Sizes,
  inputs: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  device.pushErrorScope("validation");
  const visibility = shaderStageCompute;
  const storage = device.createBindGroupLayout({
    entries: separateBindings(kernel).map(({ binding, access }) => ({
      binding,
      visibility,
      buffer: { type: access === "read" ? "read-only-storage" : "storage" },
    })),
  });
  const uniform = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility, buffer: { type: "uniform" } }],
  });
  const pipeline = device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [storage, uniform] }),
    compute: { module: device.createShaderModule({ code: shader.code }) },
  });
  const buffers = inputs.map((bytes) => upload(device, bytes));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const workgroups = evaluateSize(shader.workgroups, sizes);
  if (workgroups > 0) {
    pass.setPipeline(pipeline);
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    pass.setBindGroup(0, device.createBindGroup({ layout: storage, entries }));
    const values = Int32Array.from(shader.sizes, (size) => evaluateSize(size, sizes));
    const buffer = upload(device, new Uint8Array(values.buffer), bufferUsage.uniform);
    const fields = { layout: uniform, entries: [{ binding: 0, resource: { buffer } }] };
    pass.setBindGroup(1, device.createBindGroup(fields));
    const x = Math.min(workgroups, device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(x, Math.ceil(workgroups / x));
  }
  pass.end();
  const copies = buffers.map((buffer) => {
    const usage = bufferUsage.mapRead | bufferUsage.copyDestination;
    const copy = device.createBuffer({ size: buffer.size, usage });
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
    return copy;
  });
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(error.message);
  const results: Uint8Array[] = [];
  for (const [i, copy] of copies.entries()) {
    await copy.mapAsync(mapModeRead);
    results.push(new Uint8Array(copy.getMappedRange()).slice(0, inputs[i]!.byteLength));
    copy.destroy();
  }
  buffers.forEach((buffer) => buffer.destroy());
  return results;
}

function upload(
  device: GPUDevice,
  bytes: Uint8Array,
  usage: number = bufferUsage.storage,
): GPUBuffer {
  const size = Math.max(16, Math.ceil(bytes.byteLength / 16) * 16);
  const all = usage | bufferUsage.copySource | bufferUsage.copyDestination;
  const buffer = device.createBuffer({ size, usage: all });
  const padded = new Uint8Array(size);
  padded.set(bytes);
  device.queue.writeBuffer(buffer, 0, padded);
  return buffer;
}

/** Asks a device what `emitWgsl` wants to know of it. */
import type { ShaderFacts } from "./emit-wgsl.ts";

/**
 * What stores of float16 need beyond the feature: bits become an `f16` as they are, subnormals and infinities too,
 * which the conversion `f16()` does not promise. Firefox 153 has the type and refuses this.
 */
const storesHalfByBits = `enable f16;
@group(0) @binding(0) var<storage, read_write> half: array<f16>;
@compute @workgroup_size(1)
fn main(@builtin(local_invocation_index) lane: u32) {
  half[lane] = bitcast<vec2<f16>>(lane).x;
}`;

export async function shaderFactsOf(device: GPUDevice): Promise<ShaderFacts> {
  return {
    hasHalf: device.features.has("shader-f16") && (await accepts(device, storesHalfByBits)),
  };
}

async function accepts(device: GPUDevice, code: string): Promise<boolean> {
  device.pushErrorScope("validation");
  device.createShaderModule({ code });
  return (await device.popErrorScope()) === null;
}

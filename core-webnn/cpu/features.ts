/**
 * What this engine's WebAssembly can do, and what passes may know of the CPU device.
 *
 * A feature is probed by validating the smallest module that needs it: engines state no versions.
 */
import { storageTypes } from "../util/data-type.ts";
import type { DeviceFacts } from "../util/device-facts.ts";

/** What emitters may use beside fixed-width SIMD, which the device cannot do without. */
export interface CpuFeatures {
  readonly relaxedSimd: boolean;
  /** Its compiler keeps tiles of 12 vectors in registers (see `contract/panel-sums.ts`). */
  readonly largeTiles: boolean;
  /** The memory is shared and other threads may work in it. */
  readonly threads: boolean;
}

export function detectFeatures(sharedMemory: boolean): CpuFeatures {
  const relaxedSimd = isValid(v128Function(relaxedMadd));
  // V8 came to place registers better shortly before it came to 64-bit memories.
  const largeTiles = relaxedSimd && isValid(memory64);
  return { relaxedSimd, largeTiles, threads: sharedMemory };
}

export function supportsSimd(): boolean {
  return isValid(v128Function(f32x4Add));
}

export const cpuFacts: DeviceFacts = {
  name: "cpu",
  dataTypes: storageTypes,
  // Element offsets of a tensor are i32.
  maxTensorByteLength: 0x7fff_0000,
  // Buffers are words of a parameter block, so only sense limits them.
  maxBuffersPerKernel: 128,
  contraction: { operands: "strided", panelWidth: 8, encodedAlongK: true },
};

const f32x4Add = [0x20, 0, 0x20, 1, 0xfd, 0xe4, 0x01];
const relaxedMadd = [0x20, 0, 0x20, 1, 0x20, 2, 0xfd, 0x85, 0x02];

/** A module of one memory with 64-bit addresses. */
const memory64 = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0x05, 3, 1, 0x04, 0]);

/** A module of one function (v128, v128, v128) -> v128. */
function v128Function(instructions: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = [0x01, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b];
  const functions = [0x03, 2, 1, 0];
  const body = [0, ...instructions, 0x0b];
  const code = [0x0a, body.length + 2, 1, body.length, ...body];
  return Uint8Array.from([...header, ...types, ...functions, ...code]);
}

function isValid(module: Uint8Array<ArrayBuffer>): boolean {
  return WebAssembly.validate(module);
}

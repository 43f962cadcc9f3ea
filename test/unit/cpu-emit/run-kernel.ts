/** Emits a kernel, runs it in a memory of its own, and compares what it wrote with the interpreter. */
import { emitKernel } from "../../../core-webnn/cpu/emit-kernel.ts";
import type { EmittedKernel } from "../../../core-webnn/cpu/emitted-kernel.ts";
import { detectFeatures } from "../../../core-webnn/cpu/features.ts";
import type { CpuFeatures } from "../../../core-webnn/cpu/features.ts";
import { ModuleBuilder } from "../../../core-webnn/cpu/module-builder.ts";
import { bufferView, interpret } from "../../../core-webnn/kernel/interpret.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { byteLengthOf } from "../../../core-webnn/util/data-type.ts";
import { evaluateSize } from "../../../core-webnn/util/size.ts";
import type { Sizes } from "../../../core-webnn/util/size.ts";
import { compareBuffers } from "../kernel/compare-buffers.ts";

export interface Case {
  readonly kernel: Kernel;
  readonly sizes: Sizes;
  /** Bytes of every buffer; those that are written may be empty or zero. */
  readonly inputs: readonly Uint8Array[];
}

export type Emit = (module: ModuleBuilder, kernel: Kernel, features: CpuFeatures) => EmittedKernel;

export interface Prepared {
  readonly run: (begin: number, end: number) => void;
  readonly units: number;
  readonly code: Uint8Array<ArrayBuffer>;
  /** Copies of all buffers. */
  readonly buffers: () => Uint8Array[];
  /** Whether bytes between the buffers have changed. */
  readonly strayed: () => boolean;
}

const alignment = 64;
/** Between buffers: more than the 16 bytes that may be read past an end. */
const gap = 64;
const filler = 0xa5;

export function prepare(
  { kernel, sizes, inputs }: Case,
  features = detectFeatures(false),
  emit: Emit = emitKernel,
): Prepared {
  const module = new ModuleBuilder();
  const lengths = kernel.buffers.map(({ dataType, elementCount }) =>
    byteLengthOf(dataType, evaluateSize(elementCount, sizes)),
  );
  const block = alignment;
  const emitted = emit(module, kernel, features);
  const values = emitted.sizes.map((size) => evaluateSize(size, sizes));
  let at = roundUp(block + 4 * (lengths.length + values.length) + gap);
  const addresses = lengths.map((length) => {
    const address = at;
    at = roundUp(at + length + gap);
    return address;
  });
  const scratch = at;
  const pages = Math.ceil((at + (emitted.scratchByteLength ?? 0) + gap) / 65536);
  module.importMemory({ module: "env", name: "memory", minimum: pages });
  module.exportFunction("kernel", emitted.functionIndex);
  const code = module.build();
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  const bytes = new Uint8Array(memory.buffer).fill(filler);
  new Int32Array(memory.buffer, block).set([...addresses, ...values]);
  inputs.forEach((input, i) => {
    const isWritten = kernel.buffers[i]!.access === "write";
    const target = bytes.subarray(addresses[i], addresses[i]! + lengths[i]!).fill(0);
    if (!isWritten) target.set(input.subarray(0, lengths[i]));
  });
  const call = exports["kernel"] as (...args: readonly number[]) => void;
  return {
    run: (begin, end) => call(block, begin, end, scratch),
    units: evaluateSize(emitted.units, sizes),
    code,
    buffers: () => addresses.map((a, i) => bytes.slice(a, a + lengths[i]!)),
    strayed: () =>
      addresses.some((a, i) => {
        const end = a + lengths[i]!;
        return bytes.subarray(end, end + gap - 1).some((byte) => byte !== filler);
      }),
  };
}

/** What is wrong with the kernel's results, if anything is. */
export function mismatch(
  test: Case,
  ulp: number,
  features?: CpuFeatures,
  emit?: Emit,
): string | undefined {
  const prepared = prepare(test, features, emit);
  const middle = Math.floor(prepared.units / 2);
  // Ranges out of order, and an empty one.
  prepared.run(middle, prepared.units);
  prepared.run(middle, middle);
  prepared.run(0, middle);
  if (prepared.strayed()) return "bytes outside the buffers have changed";
  return compareBuffers(test.kernel, interpreted(test), prepared.buffers(), ulp);
}

export function interpreted({ kernel, sizes, inputs }: Case): Uint8Array[] {
  const copies = kernel.buffers.map(({ dataType, elementCount, access }, i) => {
    const length = byteLengthOf(dataType, evaluateSize(elementCount, sizes));
    const copy = new Uint8Array(length);
    if (access === "read") copy.set(inputs[i]!.subarray(0, length));
    return copy;
  });
  const views = kernel.buffers.map(({ dataType }, i) => bufferView(dataType, copies[i]!));
  interpret(kernel, views, sizes);
  return copies;
}

function roundUp(address: number): number {
  return Math.ceil(address / alignment) * alignment;
}

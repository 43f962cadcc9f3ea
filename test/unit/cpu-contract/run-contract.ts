/** Emits a contraction, runs it unit by unit in a memory of its own, and compares with the interpreter. */
import { emitContract } from "../../../core-webnn/cpu/emit-contract.ts";
import type { EmittedKernel } from "../../../core-webnn/cpu/emitted-kernel.ts";
import type { CpuFeatures } from "../../../core-webnn/cpu/features.ts";
import { ModuleBuilder } from "../../../core-webnn/cpu/module-builder.ts";
import { bufferView, interpret } from "../../../core-webnn/kernel/interpret.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { kernelSizes } from "../../../core-webnn/kernel/parameters.ts";
import { byteLengthOf } from "../../../core-webnn/util/data-type.ts";
import { evaluateSize } from "../../../core-webnn/util/size.ts";
import type { Sizes } from "../../../core-webnn/util/size.ts";
import { compareBuffers } from "../kernel/compare-buffers.ts";
import type { BuiltCase } from "./contract-kernel.ts";

export interface Prepared {
  readonly emitted: EmittedKernel;
  readonly units: number;
  readonly run: (begin: number, end: number) => void;
  readonly buffers: () => Uint8Array[];
  /** Whether bytes around the buffers and the scratch memory have changed. */
  readonly strayed: () => boolean;
}

/** Bytes between buffers. They are NaN as floats: nothing of them may get into a sum. */
const gap = 64;
const filler = 0xff;

/** Undefined where no matrix kernel takes the contraction. */
export function prepare(
  { kernel, sizes, inputs }: BuiltCase,
  features: CpuFeatures,
): Prepared | undefined {
  const module = new ModuleBuilder();
  const lengths = byteLengths(kernel, sizes);
  const emitted = emitContract(module, kernel, features);
  if (emitted === undefined) return undefined;
  const values = kernelSizes(kernel).map((size) => evaluateSize(size, sizes));
  const block = gap;
  const blockLength = 4 * (lengths.length + values.length);
  const [scratch, ...addresses] = place(block + blockLength, [
    emitted.scratchByteLength ?? 0,
    ...lengths,
  ]);
  const pages = Math.ceil((addresses.at(-1)! + lengths.at(-1)! + gap) / 65536);
  module.importMemory({ module: "env", name: "memory", minimum: pages });
  module.exportFunction("kernel", emitted.functionIndex);
  const memory = new WebAssembly.Memory({ initial: pages });
  const compiled = new WebAssembly.Module(module.build());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const bytes = new Uint8Array(memory.buffer).fill(filler);
  new Int32Array(memory.buffer, block).set([...addresses, ...values]);
  inputs.forEach((input, i) => {
    if (kernel.buffers[i]!.access === "read") bytes.set(input, addresses[i]);
  });
  const call = exports["kernel"] as (...args: readonly number[]) => void;
  const kept: readonly (readonly [number, number])[] = [
    [scratch!, emitted.scratchByteLength ?? 0],
    ...addresses.map((address, i) => [address, lengths[i]!] as const),
  ];
  return {
    emitted,
    units: evaluateSize(emitted.units, sizes),
    run: (begin, end) => call(block, begin, end, scratch!),
    buffers: () => addresses.map((address, i) => bytes.slice(address, address + lengths[i]!)),
    strayed: () =>
      kept.some(([address, length]) =>
        [
          bytes.subarray(address - 1, address),
          bytes.subarray(address + length, address + length + 1),
        ].some((edge) => edge.some((byte) => byte !== filler)),
      ),
  };
}

/** What is wrong with the results of the matrix kernels, if anything is. */
export function mismatch(test: BuiltCase, features: CpuFeatures, ulp = 0): string | undefined {
  const prepared = prepare(test, features);
  if (prepared === undefined) return "no matrix kernel takes it";
  for (let unit = prepared.units - 1; unit >= 0; unit -= 2) prepared.run(unit, unit + 1);
  for (let unit = prepared.units - 2; unit >= 0; unit -= 2) prepared.run(unit, unit + 1);
  if (prepared.strayed()) return "bytes outside the buffers have changed";
  return compareBuffers(test.kernel, interpreted(test), prepared.buffers(), ulp);
}

function interpreted({ kernel, sizes, inputs }: BuiltCase): Uint8Array[] {
  const copies = inputs.map((input) => input.slice());
  const views = kernel.buffers.map(({ dataType }, i) => bufferView(dataType, copies[i]!));
  interpret(kernel, views, sizes);
  return copies;
}

function byteLengths(kernel: Kernel, sizes: Sizes): number[] {
  return kernel.buffers.map(({ dataType, elementCount }) =>
    byteLengthOf(dataType, evaluateSize(elementCount, sizes)),
  );
}

/** Addresses with gaps between them; odd ones where elements need no alignment would only be slower. */
function place(start: number, lengths: readonly number[]): number[] {
  let at = start;
  return lengths.map((length) => {
    const address = Math.ceil((at + gap) / 16) * 16;
    at = address + length;
    return address;
  });
}

/** One line for each case that does not agree with the interpreter. */
export function failures(
  cases: readonly (readonly [why: string, test: BuiltCase])[],
  features: CpuFeatures,
): string[] {
  return cases.flatMap(([why, test]) => {
    const wrong = mismatch(test, features);
    return wrong === undefined ? [] : [`${why}: ${wrong}`];
  });
}

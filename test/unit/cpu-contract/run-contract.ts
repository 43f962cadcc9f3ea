/** Emits a contraction, runs it unit by unit in a memory of its own, and compares with the interpreter. */
import { emitContract } from "../../../core-webnn/cpu/emit-contract.ts";
import type { EmittedKernel } from "../../../core-webnn/cpu/emitted-kernel.ts";
import type { CpuFeatures } from "../../../core-webnn/cpu/features.ts";
import { ModuleBuilder } from "../../../core-webnn/cpu/module-builder.ts";
import { bufferView, interpret } from "../../../core-webnn/kernel/interpret.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { byteLengthOf } from "../../../core-webnn/util/data-type.ts";
import { evaluateSize } from "../../../core-webnn/util/size.ts";
import type { Sizes } from "../../../core-webnn/util/size.ts";
import { compareBuffers } from "../kernel/compare-buffers.ts";
import type { BuiltCase } from "./contract-kernel.ts";

export interface Compiled {
  readonly emitted: EmittedKernel;
  readonly module: WebAssembly.Module;
}

export interface Prepared {
  readonly units: number;
  readonly run: (begin: number, end: number) => void;
  readonly buffers: () => Uint8Array[];
  /** Whether bytes around the buffers and the scratch memory have changed. */
  readonly strayed: () => boolean;
}

/** Bytes between buffers. They are NaN as floats: nothing of them may get into a sum. */
const gap = 64;
const filler = 0xff;
/** Bytes past a buffer's end that a kernel may read. */
const readable = 16;
const pageLength = 65536;

/** Undefined where no matrix kernel takes the contraction. */
export function compile(kernel: Kernel, features: CpuFeatures): Compiled | undefined {
  const module = new ModuleBuilder();
  module.importMemory({ module: "env", name: "memory", minimum: 1 });
  const emitted = emitContract(module, kernel, features);
  if (emitted === undefined) return undefined;
  module.exportFunction("kernel", emitted.functionIndex);
  return { emitted, module: new WebAssembly.Module(module.build()) };
}

/** Puts buffer `atEnd` where the memory ends 16 bytes after it: reading further traps. */
export function prepare(
  { emitted, module }: Compiled,
  { kernel, sizes, inputs }: BuiltCase,
  atEnd: number,
): Prepared {
  const lengths = byteLengths(kernel, sizes);
  const values = emitted.sizes.map((size) => evaluateSize(size, sizes));
  const block = gap;
  const blockLength = 4 * (lengths.length + values.length);
  const scratchLength = emitted.scratchByteLength ?? 0;
  const [scratch, ...addresses] = place(block + blockLength, [scratchLength, ...lengths]);
  const used = addresses.at(-1)! + lengths.at(-1)! + gap + lengths[atEnd]! + readable;
  const pages = Math.ceil(used / pageLength);
  addresses[atEnd] = pages * pageLength - readable - lengths[atEnd]!;
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const bytes = new Uint8Array(memory.buffer).fill(filler);
  new Int32Array(memory.buffer, block).set([...addresses, ...values]);
  inputs.forEach((input, i) => {
    if (kernel.buffers[i]!.access === "read") bytes.set(input, addresses[i]);
  });
  const call = exports["kernel"] as (...args: readonly number[]) => void;
  const kept = [...addresses, scratch!].map((address, i) => {
    return { start: address, end: address + (lengths[i] ?? scratchLength) };
  });
  return {
    units: evaluateSize(emitted.units, sizes),
    run: (begin, end) => call(block, begin, end, scratch!),
    buffers: () => kept.slice(0, -1).map(({ start, end }) => bytes.slice(start, end)),
    strayed: () => kept.some(({ start, end }) => [bytes[start - 1], bytes[end]].some((x) => x !== filler)), // prettier-ignore
  };
}

/** What is wrong with the results of the matrix kernels, if anything is. */
export function mismatch(test: BuiltCase, features: CpuFeatures): string | undefined {
  const compiled = compile(test.kernel, features);
  if (compiled === undefined) return "no matrix kernel takes it";
  const expected = interpreted(test);
  for (const atEnd of [0, 1]) {
    const prepared = prepare(compiled, test, atEnd);
    // Every second unit, from the last to the first, and then the others.
    for (let unit = prepared.units - 1; unit >= 0; unit -= 2) prepared.run(unit, unit + 1);
    for (let unit = prepared.units - 2; unit >= 0; unit -= 2) prepared.run(unit, unit + 1);
    if (prepared.strayed()) return "bytes outside the buffers have changed";
    const wrong = compareBuffers(test.kernel, expected, prepared.buffers(), 0);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
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

function place(start: number, lengths: readonly number[]): number[] {
  let at = start;
  return lengths.map((length) => {
    const address = Math.ceil((at + gap) / 16) * 16;
    at = address + length;
    return address;
  });
}

/**
 * Frames: what the schedule's code reads to run a program once, for one set of sizes.
 *
 * Most words of a frame never change, so a template is copied and patched from flat lists: the values of
 * sizes, and the addresses of buffers in the arena. The addresses of the tensors are patched at every
 * dispatch, in the copy that lies in the device's memory. See schedule/control.ts for the layout.
 */
import type { Place, Program } from "../../plan/program.ts";
import { byteLengthOf } from "../../util/data-type.ts";
import type { Sizes } from "../../util/size.ts";
import type { Arena } from "../../plan/arena.ts";
import { chunksOf, wantsHelpers } from "./chunks.ts";
import { header, mostChunks, record } from "../schedule/control.ts";
import type { EmittedStep } from "./emit-program.ts";
import { SizeTable } from "./size-table.ts";

export interface Frame {
  readonly words: Uint32Array;
  /** The arena that its addresses are in. */
  readonly arenaAddress: number;
  readonly arenaByteLength: number;
  /** Threads that it wants. */
  readonly threads: number;
  /** Steps with something to do. */
  readonly kernelsRun: number;
  /** Least byte length of each port's tensor, in the order of `ports`. */
  readonly portByteLengths: readonly number[];
}

/** An input or output of the program, and the words of a frame that hold its tensor's address. */
export interface PortWords {
  readonly name: string;
  readonly access: "input" | "output";
  readonly buffer: number;
  readonly words: readonly number[];
}

export interface FrameLayout {
  /** Where the frame will lie, and each thread's scratch. */
  readonly address: number;
  readonly scratch: number;
  readonly scratchStride: number;
  readonly threads: number;
  /** Address of a buffer that is neither in the arena nor a port. */
  readonly addressOf: (place: Extract<Place, { key: string }>) => number;
}

interface Patch {
  readonly word: number;
  /** A slot of the size table, or a buffer. */
  readonly from: number;
}

export class FrameBuilder {
  readonly ports: readonly PortWords[];
  readonly #program: Program;
  readonly #threads: number;
  readonly #table: SizeTable;
  readonly #template: Uint32Array;
  readonly #sizePatches: readonly Patch[];
  readonly #arenaPatches: readonly Patch[];
  readonly #work: readonly { readonly units: number; readonly unitCost: number }[];
  readonly #portElements: readonly number[];

  constructor(program: Program, steps: readonly EmittedStep[], layout: FrameLayout) {
    const table = new SizeTable(program.sizeNames);
    const template = new Uint32Array(frameByteLength(steps) / 4);
    template[header.stepCount / 4] = steps.length;
    template[header.scratch / 4] = layout.scratch;
    template[header.scratchStride / 4] = layout.scratchStride;
    const sizePatches: Patch[] = [];
    const bufferWords = program.buffers.map((): number[] => []);
    let word = recordWord(steps.length);
    steps.forEach((step, i) => {
      template[recordWord(i) + record.kernel / 4] = step.kernel;
      template[recordWord(i) + record.block / 4] = layout.address + word * 4;
      for (const buffer of step.buffers) bufferWords[buffer]!.push(word++);
      for (const size of step.sizes) sizePatches.push({ word: word++, from: table.slotOf(size) });
    });
    this.#program = program;
    this.#threads = layout.threads;
    this.#table = table;
    this.#template = template;
    this.#sizePatches = sizePatches;
    this.#work = steps.map(({ units, unitCost }) => ({
      units: table.slotOf(units),
      unitCost: table.slotOf(unitCost),
    }));
    this.#arenaPatches = this.#placeBuffers(bufferWords, layout);
    this.ports = portsOf(program, bufferWords);
    this.#portElements = this.ports.map(({ buffer }) =>
      table.slotOf(program.buffers[buffer]!.elementCount),
    );
  }

  get byteLength(): number {
    return this.#template.byteLength;
  }

  build(sizes: Sizes, arena: Arena, arenaAddress: number): Frame {
    const values = this.#table.evaluate(sizes);
    const words = this.#template.slice();
    for (const { word, from } of this.#sizePatches) words[word] = int32(values[from]!);
    for (const { word, from } of this.#arenaPatches)
      words[word] = arenaAddress + arena.offsets[from]!;
    const { threads, kernelsRun } = this.#cutIntoChunks(words, values);
    words[header.threads / 4] = threads;
    return {
      words,
      arenaAddress,
      arenaByteLength: arena.byteLength,
      threads,
      kernelsRun,
      portByteLengths: this.#portByteLengths(values),
    };
  }

  /** Writes the addresses that are known for good; returns where those of the arena go. */
  #placeBuffers(bufferWords: readonly (readonly number[])[], layout: FrameLayout): Patch[] {
    const arenaPatches: Patch[] = [];
    this.#program.buffers.forEach(({ place }, buffer) => {
      const words = bufferWords[buffer]!;
      if (place.kind === "arena") {
        arenaPatches.push(...words.map((word) => ({ word, from: buffer })));
      } else if ("key" in place && words.length > 0) {
        const address = layout.addressOf(place);
        for (const word of words) this.#template[word] = address;
      }
    });
    return arenaPatches;
  }

  #cutIntoChunks(
    words: Uint32Array,
    values: Float64Array,
  ): { readonly threads: number; readonly kernelsRun: number } {
    let kernelsRun = 0;
    let parallelCost = 0;
    let mostAtOnce = 1;
    this.#work.forEach(({ units: unitsSlot, unitCost: costSlot }, i) => {
      const units = int32(values[unitsSlot]!);
      const unitCost = values[costSlot]!;
      const { unitsPerChunk, chunkCount } = chunksOf(units, unitCost, this.#threads, mostChunks);
      const word = recordWord(i);
      words[word + record.units / 4] = units;
      words[word + record.unitsPerChunk / 4] = unitsPerChunk;
      words[word + record.chunkCount / 4] = chunkCount;
      if (chunkCount > 0) kernelsRun++;
      if (chunkCount > 1) parallelCost += units * unitCost;
      mostAtOnce = Math.max(mostAtOnce, chunkCount);
    });
    const threads = wantsHelpers(parallelCost) ? Math.min(this.#threads, mostAtOnce) : 1;
    return { threads, kernelsRun };
  }

  #portByteLengths(values: Float64Array): readonly number[] {
    return this.ports.map(({ buffer }, i) =>
      byteLengthOf(this.#program.buffers[buffer]!.dataType, values[this.#portElements[i]!]!),
    );
  }
}

export function frameByteLength(steps: readonly EmittedStep[]): number {
  const blockWords = steps.reduce((n, { buffers, sizes }) => n + buffers.length + sizes.length, 0);
  return header.byteLength + steps.length * record.byteLength + blockWords * 4;
}

/** Which step the record at this address belongs to. */
export function stepOfRecord(recordAddress: number, frameAddress: number): number {
  return (recordAddress - frameAddress - header.byteLength) / record.byteLength;
}

function recordWord(step: number): number {
  return (header.byteLength + step * record.byteLength) / 4;
}

/** Those that some step uses. */
function portsOf(program: Program, bufferWords: readonly (readonly number[])[]): PortWords[] {
  return program.buffers.flatMap(({ place }, buffer) => {
    const words = bufferWords[buffer]!;
    if (words.length === 0 || !("name" in place)) return [];
    return [{ name: place.name, access: place.kind, buffer, words }];
  });
}

function int32(value: number): number {
  if (value === (value | 0)) return value;
  throw new RangeError(`a size of ${value} is out of range: kernels count in 32 bits`);
}

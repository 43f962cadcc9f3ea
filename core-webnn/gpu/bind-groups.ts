/**
 * Bind groups of a program's steps, kept for the places of the arena and the tensors seen lately.
 *
 * Where the arena's buffers lie holds for many sets of sizes (ArenaPlans), so a decoder whose sequence
 * grows by one finds its bind groups made.
 */
import type { SizedArena } from "../plan/arena-plans.ts";
import type { Place, Program } from "../plan/program.ts";
import { byteLengthOf } from "../util/data-type.ts";
import { Lru } from "../util/lru.ts";
import { evaluateSize } from "../util/size.ts";
import { paddedByteLength } from "./gpu-memory.ts";

/** Where the buffers of a dispatch are. */
export interface Residence {
  /** Long enough for the plan. */
  readonly arena: GPUBuffer;
  /** Stands for a buffer of the arena without elements, since no binding may be empty. */
  readonly empty: GPUBuffer;
  /** The buffer of a constant, a packed weight or a tensor. */
  bufferOf(place: Exclude<Place, { kind: "arena" }>): GPUBuffer;
}

export interface StepBindings {
  readonly layout: GPUBindGroupLayout;
  /** Positions in the program's buffers, by binding. */
  readonly buffers: readonly number[];
}

/** Buffers in the arena begin at multiples of this: the largest alignment that a WebGPU device may ask for. */
export const arenaAlignment = 256;

/** Sets of tensors: a decoder alternates between two or four. */
const tensorSetsKept = 8;

/** Bind groups for one place of the arena, by step. */
interface Groups {
  readonly arena: GPUBuffer;
  /** Of steps without tensors. */
  readonly fixed: (GPUBindGroup | undefined)[];
  /** Of steps with tensors, by the buffers of these. */
  readonly byTensors: (Lru<string, GPUBindGroup> | undefined)[];
}

export class BindGroups {
  readonly #device: GPUDevice;
  readonly #program: Program;
  readonly #groups = new WeakMap<SizedArena, Groups>();
  readonly #serials = new WeakMap<GPUBuffer, number>();
  #nextSerial = 0;

  constructor(device: GPUDevice, program: Program) {
    this.#device = device;
    this.#program = program;
  }

  /** The bind group of step number `step`. */
  get(plan: SizedArena, residence: Residence, step: number, bindings: StepBindings): GPUBindGroup {
    const groups = this.#groupsFor(plan, residence.arena);
    const tensors = this.#tensorsOf(bindings, residence);
    if (tensors.length === 0) {
      return (groups.fixed[step] ??= this.#create(plan, residence, bindings));
    }
    const key = tensors.map((buffer) => this.#serialOf(buffer)).join();
    const known = (groups.byTensors[step] ??= new Lru(tensorSetsKept));
    const group = known.get(key) ?? this.#create(plan, residence, bindings);
    known.set(key, group);
    return group;
  }

  #groupsFor(plan: SizedArena, arena: GPUBuffer): Groups {
    const known = this.#groups.get(plan);
    if (known?.arena === arena) return known;
    const groups = { arena, fixed: [], byTensors: [] };
    this.#groups.set(plan, groups);
    return groups;
  }

  #tensorsOf({ buffers }: StepBindings, residence: Residence): GPUBuffer[] {
    return buffers.flatMap((buffer) => {
      const { place } = this.#program.buffers[buffer]!;
      const isTensor = place.kind === "input" || place.kind === "output";
      return isTensor ? [residence.bufferOf(place)] : [];
    });
  }

  #create(plan: SizedArena, residence: Residence, { layout, buffers }: StepBindings): GPUBindGroup {
    const entries = buffers.map((buffer, binding) => ({
      binding,
      resource: this.#resource(plan, residence, buffer, binding),
    }));
    return this.#device.createBindGroup({ layout, entries });
  }

  #resource(
    { arena, sizes }: SizedArena,
    residence: Residence,
    buffer: number,
    binding: number,
  ): GPUBufferBinding {
    const { place, dataType, elementCount } = this.#program.buffers[buffer]!;
    if (place.kind !== "arena") return { buffer: residence.bufferOf(place) };
    const byteLength = byteLengthOf(dataType, evaluateSize(elementCount, sizes));
    // Writable bindings may not overlap: each has its own piece of the stand-in.
    if (byteLength === 0) {
      return { buffer: residence.empty, offset: binding * arenaAlignment, size: arenaAlignment };
    }
    return {
      buffer: residence.arena,
      offset: arena.offsets[buffer]!,
      size: paddedByteLength(byteLength),
    };
  }

  #serialOf(buffer: GPUBuffer): number {
    const known = this.#serials.get(buffer);
    if (known !== undefined) return known;
    this.#serials.set(buffer, this.#nextSerial);
    return this.#nextSerial++;
  }
}

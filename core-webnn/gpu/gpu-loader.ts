/**
 * Loads programs: writes and compiles their shaders, sees to their packed weights, and says whose bytes
 * they hold. A load that fails leaves nothing behind.
 */
import { keysUsed, packingProgram, stepsToPrepare } from "../plan/preparation.ts";
import type { Program, Step } from "../plan/program.ts";
import { byteLengthOf } from "../util/data-type.ts";
import { evaluateSize } from "../util/size.ts";
import type { EmittedProgram } from "./emit-program.ts";
import { allocate } from "./gpu-memory.ts";
import { GpuProgram } from "./gpu-program.ts";
import type { GpuResidents } from "./gpu-residents.ts";
import type { Pipelines } from "./pipelines.ts";

export interface Workshop {
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  readonly constants: GpuResidents;
  readonly prepared: GpuResidents;
  emit(program: Program): Promise<EmittedProgram>;
  /** Runs a program that has no tensors; resolves when it has run, rejects if it could not. */
  run(program: GpuProgram): Promise<void>;
}

export async function loadProgram(
  workshop: Workshop,
  id: number,
  program: Program,
): Promise<GpuProgram> {
  const { device, pipelines, constants, prepared } = workshop;
  try {
    const missing = stepsToPrepare(program, (key) => prepared.get(key) !== undefined);
    checkConstants(constants, program, [...missing, ...program.steps]);
    const emitted = await workshop.emit(program);
    if (missing.length > 0) await prepare(workshop, id, program, emitted, missing);
    keep(constants, id, keysUsed(program, program.steps, "constant"));
    keep(prepared, id, keysUsed(program, program.steps, "prepared"));
    return await GpuProgram.create(device, pipelines, id, program, emitted, emitted.steps);
  } catch (error) {
    constants.letGo(id);
    prepared.letGo(id);
    pipelines.letGo(id);
    throw error;
  }
}

/** Runs some steps of `prepare`. */
async function prepare(
  workshop: Workshop,
  id: number,
  program: Program,
  emitted: EmittedProgram,
  steps: readonly Step[],
): Promise<void> {
  const { device, pipelines } = workshop;
  await Promise.all(allocatePrepared(workshop, id, program, steps));
  const chosen = steps.map((step) => emitted.prepare[program.prepare.indexOf(step)]!);
  const packing = packingProgram(program, steps);
  const ready = await GpuProgram.create(device, pipelines, id, packing, emitted, chosen);
  try {
    await workshop.run(ready);
  } finally {
    ready.destroy();
  }
}

function allocatePrepared(
  { device, prepared }: Workshop,
  id: number,
  program: Program,
  steps: readonly Step[],
): Promise<void>[] {
  const allocations: Promise<void>[] = [];
  for (const { place, dataType, elementCount } of buffersOf(program, steps)) {
    if (place.kind !== "prepared" || prepared.get(place.key) !== undefined) continue;
    const byteLength = byteLengthOf(dataType, evaluateSize(elementCount, {}));
    const allocation = allocate(device, byteLength, `packed weight '${place.key}'`);
    prepared.add(place.key, allocation);
    prepared.hold(place.key, id);
    allocations.push(throwIfFailed(allocation.failure));
  }
  return allocations;
}

async function throwIfFailed(failure: Promise<Error | undefined>): Promise<void> {
  const error = await failure;
  if (error !== undefined) throw error;
}

function keep(residents: GpuResidents, program: number, keys: ReadonlySet<string>): void {
  for (const key of keys) residents.hold(key, program);
  residents.letGo(program, keys);
}

function checkConstants(constants: GpuResidents, program: Program, steps: readonly Step[]): void {
  for (const { place, dataType, elementCount } of buffersOf(program, steps)) {
    if (place.kind !== "constant") continue;
    const allocation = constants.get(place.key);
    if (allocation === undefined) throw new Error(`constant '${place.key}' is not on this device`);
    const needed = byteLengthOf(dataType, evaluateSize(elementCount, {}));
    if (allocation.byteLength >= needed) continue;
    throw new RangeError(
      `constant '${place.key}' has ${allocation.byteLength} bytes: the program needs ${needed}`,
    );
  }
}

function buffersOf({ buffers }: Program, steps: readonly Step[]): Program["buffers"] {
  return [...new Set(steps.flatMap((step) => step.buffers))].map((buffer) => buffers[buffer]!);
}

/**
 * Loads programs: sees to their packed weights, compiles them, and says whose bytes they hold.
 *
 * A load that fails leaves nothing behind. Only what a program's steps read is held for it: a constant
 * that was packed may go as soon as the caller removes it.
 */
import type { Place, Program, Step } from "../../plan/program.ts";
import { byteLengthOf } from "../../util/data-type.ts";
import { evaluateSize } from "../../util/size.ts";
import { unreachable } from "../../util/unreachable.ts";
import { Executable, type Workshop } from "./executable.ts";
import { keysUsed, packingProgram, stepsToPrepare } from "../../plan/preparation.ts";
import type { Residents } from "./residents.ts";

export interface Stores {
  readonly constants: Residents;
  readonly prepared: Residents;
}

export function loadProgram(
  workshop: Workshop,
  stores: Stores,
  id: number,
  program: Program,
  threads: number,
): Executable {
  const { constants, prepared } = stores;
  const addressOf = (place: Keyed): number => addressIn(stores, place);
  try {
    prepare(workshop, stores, id, program);
    checkConstants(constants, program, program.steps);
    const executable = Executable.create({ workshop, id, program, threads, addressOf });
    keep(constants, id, keysUsed(program, program.steps, "constant"));
    keep(prepared, id, keysUsed(program, program.steps, "prepared"));
    return executable;
  } catch (error) {
    constants.letGo(id);
    prepared.letGo(id);
    throw error;
  }
}

type Keyed = Extract<Place, { key: string }>;

/** Runs what is missing of `prepare`, on this thread alone: it happens once, while helpers start. */
function prepare(workshop: Workshop, stores: Stores, id: number, program: Program): void {
  const { constants, prepared } = stores;
  const steps = stepsToPrepare(program, (key) => prepared.blockOf(key) !== undefined);
  if (steps.length === 0) return;
  checkConstants(constants, program, steps);
  for (const { place, dataType, elementCount } of buffersOf(program, steps)) {
    if (place.kind !== "prepared" || prepared.blockOf(place.key) !== undefined) continue;
    const byteLength = byteLengthOf(dataType, evaluateSize(elementCount, {}));
    prepared.add(place.key, workshop.memory.allocate(byteLength, `packed weight '${place.key}'`));
    prepared.hold(place.key, id);
  }
  const executable = Executable.create({
    workshop,
    id,
    program: packingProgram(program, steps),
    threads: 1,
    addressOf: (place) => addressIn(stores, place),
  });
  try {
    executable.run({}, ({ name }) => unreachable(`prepare uses the tensor '${name}'`));
  } finally {
    executable.release();
  }
}

function keep(residents: Residents, program: number, keys: ReadonlySet<string>): void {
  for (const key of keys) residents.hold(key, program);
  residents.letGo(program, keys);
}

function checkConstants(constants: Residents, program: Program, steps: readonly Step[]): void {
  for (const { place, dataType, elementCount } of buffersOf(program, steps)) {
    if (place.kind !== "constant") continue;
    const block = constants.blockOf(place.key);
    if (block === undefined) throw new Error(`constant '${place.key}' is not on this device`);
    const needed = byteLengthOf(dataType, evaluateSize(elementCount, {}));
    if (block.byteLength >= needed) continue;
    throw new RangeError(
      `constant '${place.key}' has ${block.byteLength} bytes: the program needs ${needed}`,
    );
  }
}

function buffersOf({ buffers }: Program, steps: readonly Step[]): Program["buffers"] {
  return [...new Set(steps.flatMap((step) => step.buffers))].map((buffer) => buffers[buffer]!);
}

function addressIn({ constants, prepared }: Stores, { kind, key }: Keyed): number {
  const block = (kind === "constant" ? constants : prepared).blockOf(key);
  return block?.address ?? unreachable(`no bytes for the ${kind} buffer '${key}'`);
}

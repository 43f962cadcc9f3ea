/** Which of a program's `prepare` steps must run: those behind packed weights that the device lacks. */
import type { BufferSpec, Program, Step } from "./program.ts";
import { unreachable } from "../util/unreachable.ts";

/** Keys of the constants, or of the prepared buffers, that these steps use. */
export function keysUsed(
  { buffers }: Program,
  steps: readonly Step[],
  kind: "constant" | "prepared",
): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const buffer of steps.flatMap((step) => step.buffers)) {
    const { place } = buffers[buffer]!;
    if (place.kind === kind) keys.add(place.key);
  }
  return keys;
}

/** In the program's order; empty where all that `steps` reads is prepared already. */
export function stepsToPrepare(
  program: Program,
  isPrepared: (key: string) => boolean,
): readonly Step[] {
  const missing = new Set<number>();
  const need = (buffer: number): void => {
    const { place } = program.buffers[buffer]!;
    if (place.kind === "arena" || (place.kind === "prepared" && !isPrepared(place.key))) {
      missing.add(buffer);
    }
  };
  for (const buffer of new Set(program.steps.flatMap(({ buffers }) => buffers))) {
    if (program.buffers[buffer]!.place.kind === "prepared") need(buffer);
  }
  const chosen: Step[] = [];
  for (const step of program.prepare.toReversed()) {
    if (!writtenBy(step).some((buffer) => missing.has(buffer))) continue;
    chosen.unshift(step);
    readBy(step).forEach(need);
  }
  const written = new Set(chosen.flatMap(writtenBy));
  for (const buffer of missing) {
    if (!written.has(buffer)) unreachable(`no step of prepare writes buffer ${buffer}`);
  }
  return chosen;
}

function writtenBy({ kernel, buffers }: Step): readonly number[] {
  return buffers.filter((_, i) => kernel.buffers[i]!.access === "write");
}

function readBy({ kernel, buffers }: Step): readonly number[] {
  return buffers.filter((_, i) => kernel.buffers[i]!.access === "read");
}

/** Some steps of `prepare` as a program of their own: no inputs, no outputs, no named sizes. */
export function packingProgram(program: Program, steps: readonly Step[]): Program {
  const used = new Set(steps.flatMap(({ buffers }) => buffers));
  const buffers = program.buffers.map((buffer, i): BufferSpec =>
    used.has(i) ? buffer : { ...buffer, elementCount: 0, place: { kind: "arena" } },
  );
  return { buffers, prepare: [], steps, inputs: [], outputs: [], sizeNames: [] };
}

/**
 * The part of a program's module that is no kernel: it walks the steps of a frame.
 *
 * `run(frame)` does all of it on the calling thread. With shared memory there are also `lead`, for the
 * thread that dispatches, and `help`, for the others. They claim chunks of the current step by
 * compare-and-swap on one word that holds dispatch, step and chunk, so that a thread which is late, even
 * by a whole dispatch, can claim nothing that is not current. Whoever completes a step's last chunk moves
 * everybody on; no step waits for a thread that holds none of its chunks.
 */
import { unreachable } from "../../util/unreachable.ts";
import type { EmittedKernel } from "../emitted-kernel.ts";
import type { ModuleBuilder } from "../module-builder.ts";
import { header } from "./control.ts";
import {
  emitInvoke,
  emitRunChunk,
  emitRunStep,
  i32s,
  increment,
  loadField,
  pushRecord,
} from "./steps.ts";
import { emitThreadedSchedule } from "./threads.ts";

export interface ScheduleExports {
  /** Runs all steps on this thread. */
  readonly run: (frame: number) => void;
  readonly lead?: (program: number, frame: number, dispatch: number) => void;
  readonly help?: (thread: number, frame: number, dispatch: number) => void;
}

/** Emits the schedule of kernels; gives the number by which a record names each. */
export function emitSchedule(
  module: ModuleBuilder,
  kernels: readonly EmittedKernel[],
  threads: boolean,
): ReadonlyMap<EmittedKernel, number> {
  const plain = kernels.filter(({ scratchByteLength }) => scratchByteLength === undefined);
  const others = kernels.filter(({ scratchByteLength }) => scratchByteLength !== undefined);
  const slots = takeSlots(module, [...plain, ...others]);
  const runChunk = emitRunChunk(module, emitInvoke(module, plain.length));
  const runStep = emitRunStep(module, runChunk);
  module.exportFunction("run", emitRun(module, runStep));
  if (threads) emitThreadedSchedule(module, { runChunk, runStep });
  return slots;
}

/** The module's table holds nothing else, so that a slot also tells how its kernel is called. */
function takeSlots(
  module: ModuleBuilder,
  ordered: readonly EmittedKernel[],
): ReadonlyMap<EmittedKernel, number> {
  const slots = ordered.map((kernel) => [kernel, module.tableSlot(kernel.functionIndex)] as const);
  if (slots.some(([, slot], i) => slot !== i)) unreachable("the table is not the schedule's alone");
  return new Map(slots);
}

/** `(frame)`: for each step, runStep(thread 0). */
function emitRun(module: ModuleBuilder, runStep: number): number {
  return module.addFunction(
    i32s(1),
    (asm, frame) => {
      const step = asm.local("i32");
      const thread = asm.local("i32");
      asm.block((done) => {
        asm.loop((next) => {
          asm.get(step);
          loadField(asm, frame!, header.stepCount);
          asm.op("i32.ge_u");
          asm.brIf(done);
          asm.get(thread);
          pushRecord(asm, frame!, step);
          loadField(asm, frame!, header.scratch);
          asm.call(runStep);
          increment(asm, step);
          asm.br(next);
        });
      });
    },
    "run",
  );
}

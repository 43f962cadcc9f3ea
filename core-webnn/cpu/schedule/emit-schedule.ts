/**
 * The part of a program's module that is no kernel: it walks the steps of a frame.
 *
 * `run(frame)` does all of it on the calling thread. With shared memory there are also `lead`, for the
 * thread that dispatches, and `help`, for the others. They claim chunks of the current step by
 * compare-and-swap on one word that holds dispatch, step and chunk, so that a thread which is late, even
 * by a whole dispatch, can claim nothing that is not current. Whoever completes a step's last chunk moves
 * everybody on; no step waits for a thread that holds none of its chunks.
 */
import { header } from "./control.ts";
import type { EmittedKernel } from "../emitted-kernel.ts";
import type { ModuleBuilder } from "../module-builder.ts";
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

/** Emits the schedule of kernels; a record's kernel number is the position in `kernels`. */
export function emitSchedule(
  module: ModuleBuilder,
  kernels: readonly EmittedKernel[],
  threads: boolean,
): void {
  const runChunk = emitRunChunk(module, emitInvoke(module, kernels));
  const runStep = emitRunStep(module, runChunk);
  module.exportFunction("run", emitRun(module, runStep));
  if (threads) emitThreadedSchedule(module, { runChunk, runStep });
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

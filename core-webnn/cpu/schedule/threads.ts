/**
 * The schedule for several threads: `lead` and `help`. See emit-schedule.ts for how they work together.
 *
 * Steps of a single chunk are run by whoever completed the step before, so
 * that small steps in a row need no hand-over.
 */
import type { Assembler, Label, Local } from "../assembler.ts";
import { claimBits, control, endStep, header, noChunk, record } from "./control.ts";
import type { ModuleBuilder } from "../module-builder.ts";
import {
  compareAndSwap,
  leaveUnlessCurrent,
  pushClaim,
  pushExhausted,
  setClaim,
  setField,
} from "./claim.ts";
import { i32s, increment, loadField, pushRecord } from "./steps.ts";
import { emitWait, wakeSleepers } from "./wait.ts";

export function emitThreadedSchedule(
  module: ModuleBuilder,
  { runChunk, runStep }: { readonly runChunk: number; readonly runStep: number },
): void {
  const advance = emitAdvance(module, runStep);
  const work = emitWork(module, { runChunk, advance, wait: emitWait(module) });
  module.exportFunction("lead", emitLead(module, advance, work));
  module.exportFunction("help", work);
}

/** `(program, frame, dispatch)`: opens the dispatch, wakes as many helpers as it wants, and works. */
function emitLead(module: ModuleBuilder, advance: number, work: number): number {
  return module.addFunction(
    i32s(3),
    (asm, program, frame, dispatch) => {
      const zero = asm.local("i32");
      const claim = asm.local("i64");
      storeWord(asm, control.program, program!);
      storeWord(asm, control.frame, frame!);
      // Step 0 with no chunk free: helpers wait until the first steps of one chunk are done.
      pushClaim(asm, dispatch!, zero);
      asm.i64(BigInt(noChunk));
      asm.op("i64.or");
      asm.set(claim);
      asm.i32(0);
      asm.get(claim);
      asm.memory("i64.atomic.store", control.claim);
      storeAtomic(asm, control.running, dispatch!);
      wakeHelpers(asm, frame!);
      [zero, frame!, dispatch!, zero, claim].forEach((x) => asm.get(x));
      asm.call(advance);
      [zero, frame!, dispatch!].forEach((x) => asm.get(x));
      asm.call(work);
      storeAtomic(asm, control.running, zero);
    },
    "lead",
  );
}

function wakeHelpers(asm: Assembler, frame: Local): void {
  asm.i32(0);
  asm.i32(1);
  asm.memory("i32.atomic.rmw.add", control.wake);
  asm.drop();
  asm.i32(control.wake);
  loadField(asm, frame, header.threads);
  asm.i32(1);
  asm.op("i32.sub");
  asm.memory("memory.atomic.notify");
  asm.drop();
}

/**
 * `(thread, frame, dispatch)`: claims chunks and runs them until the dispatch is over.
 *
 *     while (claim.dispatch == dispatch && claim.step != end)
 *       if (claim.chunk >= step.chunkCount) wait until claim changes
 *       else if (compareAndSwap(claim, claim + 1)) runChunk; if it was the last to end, advance
 */
function emitWork(
  module: ModuleBuilder,
  functions: { readonly runChunk: number; readonly advance: number; readonly wait: number },
): number {
  return module.addFunction(
    i32s(3),
    (asm, thread, frame, dispatch) => {
      const [step, chunk, found, scratch] = ["i32", "i32", "i32", "i32"].map(() =>
        asm.local("i32"),
      ) as [Local, Local, Local, Local];
      const claim = asm.local("i64");
      setScratch(asm, scratch, thread!, frame!);
      asm.block((over) => {
        asm.loop((next) => {
          setClaim(asm, claim);
          leaveUnlessCurrent(asm, claim, dispatch!, over);
          setField(asm, step, claim, claimBits.chunk, endStep);
          asm.get(step);
          asm.i32(endStep);
          asm.op("i32.eq");
          asm.brIf(over);
          pushRecord(asm, frame!, step);
          asm.set(found);
          setField(asm, chunk, claim, 0, noChunk);
          asm.get(chunk);
          loadField(asm, found, record.chunkCount);
          asm.op("i32.ge_u");
          asm.if(() => {
            asm.get(thread!);
            asm.get(claim);
            asm.call(functions.wait);
            leaveOnFault(asm, thread!, over);
            asm.br(next);
          });
          compareAndSwap(asm, claim, () => {
            asm.get(claim);
            asm.i64(1n);
            asm.op("i64.add");
          });
          asm.get(claim);
          asm.op("i64.ne");
          asm.brIf(next);
          [thread!, found, chunk, scratch].forEach((x) => asm.get(x));
          asm.call(functions.runChunk);
          emitComplete(asm, found, () => {
            increment(asm, step);
            [thread!, frame!, dispatch!, step].forEach((x) => asm.get(x));
            pushExhausted(asm, claim, found);
            asm.call(functions.advance);
          });
          asm.br(next);
        });
      });
    },
    "help",
  );
}

function setScratch(asm: Assembler, scratch: Local, thread: Local, frame: Local): void {
  loadField(asm, frame, header.scratch);
  asm.get(thread);
  loadField(asm, frame, header.scratchStride);
  asm.op("i32.mul");
  asm.op("i32.add");
  asm.set(scratch);
}

/** A fault ends a helper's part quietly; the leading thread traps, and the runtime around it tells. */
function leaveOnFault(asm: Assembler, thread: Local, over: Label): void {
  asm.i32(0);
  asm.memory("i32.atomic.load", control.fault);
  asm.if(() => {
    asm.get(thread);
    asm.brIf(over);
    asm.unreachable();
  });
}

/** Counts a chunk as complete; whoever completes the last one goes on with `then`. */
function emitComplete(asm: Assembler, found: Local, then: () => void): void {
  asm.i32(0);
  asm.i32(1);
  asm.memory("i32.atomic.rmw.add", control.done);
  asm.i32(1);
  asm.op("i32.add");
  loadField(asm, found, record.chunkCount);
  asm.op("i32.eq");
  asm.if(then);
}

/**
 * `(thread, frame, dispatch, step, seen)`: goes on to `step`, all before it being complete.
 *
 *     while (step < stepCount && step.chunkCount <= 1) runStep(step++)
 *     compareAndSwap(claim, seen -> (dispatch, step or end, chunk 0)); wake sleepers
 *
 * The swap fails only where the dispatch was given up meanwhile.
 */
function emitAdvance(module: ModuleBuilder, runStep: number): number {
  return module.addFunction(
    { params: ["i32", "i32", "i32", "i32", "i64"], results: [] },
    (asm, thread, frame, dispatch, step, seen) => {
      const scratch = asm.local("i32");
      const found = asm.local("i32");
      setScratch(asm, scratch, thread!, frame!);
      asm.block((stop) => {
        asm.loop((next) => {
          pushIsPastEnd(asm, step!, frame!);
          asm.if(() => {
            asm.i32(endStep);
            asm.set(step!);
            asm.br(stop);
          });
          pushRecord(asm, frame!, step!);
          asm.tee(found);
          asm.memory("i32.load", record.chunkCount);
          asm.i32(1);
          asm.op("i32.gt_u");
          asm.brIf(stop);
          [thread!, found, scratch].forEach((x) => asm.get(x));
          asm.call(runStep);
          increment(asm, step!);
          asm.br(next);
        });
      });
      storeAtomic(asm, control.done, undefined);
      compareAndSwap(asm, seen!, () => pushClaim(asm, dispatch!, step!));
      asm.drop();
      wakeSleepers(asm);
    },
    "advance",
  );
}

function pushIsPastEnd(asm: Assembler, step: Local, frame: Local): void {
  asm.get(step);
  loadField(asm, frame, header.stepCount);
  asm.op("i32.ge_u");
}

function storeWord(asm: Assembler, address: number, value: Local): void {
  asm.i32(0);
  asm.get(value);
  asm.memory("i32.store", address);
}

/** Zero where no value is given. */
function storeAtomic(asm: Assembler, address: number, value: Local | undefined): void {
  asm.i32(0);
  if (value === undefined) asm.i32(0);
  else asm.get(value);
  asm.memory("i32.atomic.store", address);
}

/** The schedule's code for a thread that has nothing to claim: spin a little, then sleep in slices. */
import type { Assembler, Local } from "../assembler.ts";
import { control, outOfPatience } from "./control.ts";
import type { ModuleBuilder } from "../module-builder.ts";

/** Spinning this long takes about 3 µs; waking a sleeper takes 10 µs and more (Zen 4, Node 24). */
const spins = 3000;
/** Losing a wake-up could cost no more than this. */
const sliceNanoseconds = 50_000n;

/**
 * `(thread, claim)`: returns when the claim is another, or on a fault. A leading thread that has slept
 * `patience` slices without a change sets the fault itself: a helper died and took a chunk with it.
 */
export function emitWait(module: ModuleBuilder): number {
  const sleep = emitSleep(module);
  return module.addFunction(
    { params: ["i32", "i64"], results: [] },
    (asm, thread, claim) => {
      const left = asm.local("i32");
      asm.i32(spins);
      asm.set(left);
      asm.loop((again) => {
        pushChanged(asm, claim!);
        asm.if(() => asm.return());
        decrement(asm, left);
        asm.get(left);
        asm.brIf(again);
      });
      asm.i32(0);
      asm.memory("i32.load", control.patience);
      asm.set(left);
      addToSleepers(asm, 1);
      asm.block((awake) => {
        asm.loop((again) => {
          pushChanged(asm, claim!);
          asm.brIf(awake);
          asm.i32(0);
          asm.memory("i32.atomic.load", control.fault);
          asm.brIf(awake);
          asm.get(claim!);
          asm.call(sleep);
          asm.get(thread!);
          asm.brIf(again);
          decrement(asm, left);
          asm.get(left);
          asm.brIf(again);
          asm.i32(0);
          asm.i32(outOfPatience);
          asm.memory("i32.atomic.store", control.fault);
        });
      });
      addToSleepers(asm, -1);
    },
    "wait",
  );
}

/**
 * `(claim)`: sleeps for a slice, unless the claim is another. A function of its own, with nothing to keep
 * meanwhile: V8 11.3 (Node 20) loses locals across this instruction in its baseline compiler.
 */
function emitSleep(module: ModuleBuilder): number {
  return module.addFunction(
    { params: ["i64"], results: [] },
    (asm, claim) => {
      asm.i32(control.claim);
      asm.get(claim!);
      asm.i64(sliceNanoseconds);
      asm.memory("memory.atomic.wait64");
      asm.drop();
    },
    "sleep",
  );
}

function pushChanged(asm: Assembler, claim: Local): void {
  asm.i32(0);
  asm.memory("i64.atomic.load", control.claim);
  asm.get(claim);
  asm.op("i64.ne");
}

function decrement(asm: Assembler, local: Local): void {
  asm.get(local);
  asm.i32(1);
  asm.op("i32.sub");
  asm.set(local);
}

function addToSleepers(asm: Assembler, by: number): void {
  asm.i32(0);
  asm.i32(by);
  asm.memory("i32.atomic.rmw.add", control.sleepers);
  asm.drop();
}

export function wakeSleepers(asm: Assembler): void {
  asm.i32(0);
  asm.memory("i32.atomic.load", control.sleepers);
  asm.if(() => {
    asm.i32(control.claim);
    asm.i32(-1);
    asm.memory("memory.atomic.notify");
    asm.drop();
  });
}

/**
 * The schedule's code for one step of a frame: its record, its chunks, and the call of its kernel.
 */
import type { Assembler, Local } from "../assembler.ts";
import { header, record, threadAddress, threadWords } from "./control.ts";
import type { ModuleBuilder } from "../module-builder.ts";
import type { FunctionType } from "../wasm-types.ts";

export function i32s(count: number): FunctionType {
  return { params: Array.from({ length: count }, () => "i32" as const), results: [] };
}

/** `frame + header + step * record`, left on the stack. */
export function pushRecord(asm: Assembler, frame: Local, step: Local): void {
  asm.get(frame);
  asm.get(step);
  asm.i32(record.byteLength);
  asm.op("i32.mul");
  asm.op("i32.add");
  asm.i32(header.byteLength);
  asm.op("i32.add");
}

/** `(slot, block, begin, end, scratch)`: calls the kernel in that slot. */
export function emitInvoke(module: ModuleBuilder, firstWithScratch: number): number {
  return module.addFunction(
    i32s(5),
    (asm, slot, ...operands) => {
      const call = (count: number): void => {
        operands.slice(0, count).forEach((operand) => asm.get(operand));
        asm.get(slot!);
        asm.callIndirect(i32s(count));
      };
      asm.get(slot!);
      asm.i32(firstWithScratch);
      asm.op("i32.lt_u");
      asm.if(
        () => call(3),
        () => call(4),
      );
    },
    "invoke",
  );
}

/** `(thread, record, chunk, scratch)`: units [chunk * unitsPerChunk, …) of a step, at most to its end. */
export function emitRunChunk(module: ModuleBuilder, invoke: number): number {
  return module.addFunction(
    i32s(4),
    (asm, thread, step, chunk, scratch) => {
      const begin = asm.local("i32");
      storeRecord(asm, thread!, step!);
      loadField(asm, step!, record.kernel);
      loadField(asm, step!, record.block);
      asm.get(chunk!);
      loadField(asm, step!, record.unitsPerChunk);
      asm.op("i32.mul");
      asm.tee(begin);
      pushEnd(asm, begin, step!);
      asm.get(scratch!);
      asm.call(invoke);
    },
    "runChunk",
  );
}

/** Leaves `begin + min(unitsPerChunk, units - begin)` on the stack. */
function pushEnd(asm: Assembler, begin: Local, step: Local): void {
  const rest = asm.local("i32");
  asm.get(begin);
  loadField(asm, step, record.unitsPerChunk);
  loadField(asm, step, record.units);
  asm.get(begin);
  asm.op("i32.sub");
  asm.tee(rest);
  loadField(asm, step, record.unitsPerChunk);
  asm.get(rest);
  asm.op("i32.lt_u");
  asm.select();
  asm.op("i32.add");
}

/** Notes what this thread works on, for the error of a trap. */
function storeRecord(asm: Assembler, thread: Local, step: Local): void {
  asm.get(thread);
  asm.i32(threadAddress(1) - threadAddress(0));
  asm.op("i32.mul");
  asm.get(step);
  asm.memory("i32.store", threadAddress(0) + threadWords.record);
}

export function loadField(asm: Assembler, base: Local, offset: number): void {
  asm.get(base);
  asm.memory("i32.load", offset);
}

/** `(thread, record, scratch)`: all chunks of a step, one after the other. */
export function emitRunStep(module: ModuleBuilder, runChunk: number): number {
  return module.addFunction(
    i32s(3),
    (asm, thread, step, scratch) => {
      const chunk = asm.local("i32");
      asm.block((done) => {
        asm.loop((next) => {
          asm.get(chunk);
          loadField(asm, step!, record.chunkCount);
          asm.op("i32.ge_u");
          asm.brIf(done);
          asm.get(thread!);
          asm.get(step!);
          asm.get(chunk);
          asm.get(scratch!);
          asm.call(runChunk);
          increment(asm, chunk);
          asm.br(next);
        });
      });
    },
    "runStep",
  );
}

export function increment(asm: Assembler, local: Local): void {
  asm.get(local);
  asm.i32(1);
  asm.op("i32.add");
  asm.set(local);
}

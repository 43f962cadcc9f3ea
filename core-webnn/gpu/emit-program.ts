/**
 * All shaders of a program: plain data, so that it can be made in a worker and sent to the device's thread.
 *
 * WebGPU tracks the use of whole buffers: within a dispatch one GPUBuffer is read-only or writable. The
 * arena is one GPUBuffer, so a step that writes to it binds what it reads from it as writable as well.
 * A buffer that a step uses twice has one binding, for writable bindings may not overlap.
 */
import type { Kernel } from "../kernel/ir.ts";
import { printKernel } from "../kernel/print.ts";
import type { Program, Step } from "../plan/program.ts";
import type { SymbolicSize } from "../util/size.ts";
import { uncertainRows } from "./contract-tile.ts";
import { emitWgsl, type BufferBinding, type EmittedShader, type ShaderFacts } from "./emit-wgsl.ts";

export interface EmittedProgram {
  /** Each distinct one once. */
  readonly shaders: readonly EmittedShader[];
  readonly prepare: readonly EmittedStep[];
  readonly steps: readonly EmittedStep[];
}

export interface EmittedStep {
  /** Position in `shaders`. */
  readonly shader: number;
  /** For a contraction whose rows are counted at dispatch: the shader for one row or two. */
  readonly fewRows?: { readonly shader: number; readonly rows: SymbolicSize };
  /** Positions in the program's `buffers`, by binding. */
  readonly buffers: readonly number[];
}

export function emitProgram(program: Program, facts: ShaderFacts): EmittedProgram {
  const shaders: EmittedShader[] = [];
  const known = new Map<string, Omit<EmittedStep, "buffers">>();
  const emitStep = (step: Step): EmittedStep => {
    const buffers = [...new Set(step.buffers)];
    const bindings = bindingsOf(program, step, buffers);
    const key = JSON.stringify(bindings) + printKernel(step.kernel);
    const emitted = known.get(key) ?? emitShaders(step.kernel, facts, bindings, shaders);
    known.set(key, emitted);
    return { ...emitted, buffers };
  };
  const prepare = program.prepare.map(emitStep);
  return { prepare, steps: program.steps.map(emitStep), shaders };
}

function emitShaders(
  kernel: Kernel,
  facts: ShaderFacts,
  bindings: readonly BufferBinding[],
  shaders: EmittedShader[],
): Omit<EmittedStep, "buffers"> {
  const shader = shaders.push(emitWgsl(kernel, facts, bindings)) - 1;
  const rows = uncertainRows(kernel);
  if (rows === undefined) return { shader };
  const few = shaders.push(emitWgsl(kernel, facts, bindings, 1)) - 1;
  return { shader, fewRows: { shader: few, rows } };
}

function bindingsOf(
  { buffers: specs }: Program,
  { kernel, buffers: operands }: Step,
  distinct: readonly number[],
): BufferBinding[] {
  const isInArena = (buffer: number): boolean => specs[buffer]!.place.kind === "arena";
  const written = new Set(operands.filter((_, i) => kernel.buffers[i]!.access === "write"));
  const writesArena = [...written].some(isInArena);
  return operands.map((buffer) => {
    const isWritable = written.has(buffer) || (writesArena && isInArena(buffer));
    return { binding: distinct.indexOf(buffer), access: isWritable ? "read_write" : "read" };
  });
}

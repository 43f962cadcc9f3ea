/**
 * Makes one WebAssembly module of a list of steps.
 *
 * Steps whose kernels print equally share a function. The module imports the device's memory as
 * ("env", "memory") and exports the schedule: see emit-schedule.ts.
 */
import type { Kernel } from "../../kernel/ir.ts";
import { kernelSizes } from "../../kernel/parameters.ts";
import { printKernel } from "../../kernel/print.ts";
import type { Step } from "../../plan/program.ts";
import type { Size, SymbolicSize } from "../../util/size.ts";
import type { EmittedKernel } from "../emitted-kernel.ts";
import type { CpuFeatures } from "../features.ts";
import { mostPages } from "./memory.ts";
import { ModuleBuilder } from "../module-builder.ts";
import { emitSchedule } from "../schedule/emit-schedule.ts";

export interface EmittedProgram {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly steps: readonly EmittedStep[];
  /** Most scratch that a kernel wants for each thread. */
  readonly scratchByteLength: number;
}

export interface EmittedStep {
  /** The kernel's number in the schedule. */
  readonly kernel: number;
  readonly units: Size;
  readonly unitCost: Size;
  readonly buffers: readonly number[];
  /** What follows the buffers' addresses in its parameter block. */
  readonly sizes: readonly SymbolicSize[];
}

export type EmitKernel = (
  module: ModuleBuilder,
  kernel: Kernel,
  features: CpuFeatures,
) => EmittedKernel;

interface Compiled {
  readonly number: number;
  readonly emitted: EmittedKernel;
  readonly sizes: readonly SymbolicSize[];
}

export function emitProgram(
  steps: readonly Step[],
  features: CpuFeatures,
  emit: EmitKernel,
): EmittedProgram {
  const module = new ModuleBuilder();
  module.importMemory({
    module: "env",
    name: "memory",
    minimum: 1,
    maximum: mostPages,
    shared: features.threads,
  });
  const compiled = new Map<string, Compiled>();
  const emittedSteps = steps.map((step): EmittedStep => {
    const { number, emitted, sizes } = compileOnce(compiled, step, (kernel) =>
      emit(module, kernel, features),
    );
    const { units, unitCost } = emitted;
    return { kernel: number, units, unitCost, buffers: step.buffers, sizes };
  });
  const kernels = [...compiled.values()].map(({ emitted }) => emitted);
  emitSchedule(module, kernels, features.threads);
  const scratch = kernels.map(({ scratchByteLength = 0 }) => scratchByteLength);
  return {
    bytes: module.build(),
    steps: emittedSteps,
    scratchByteLength: Math.max(0, ...scratch),
  };
}

function compileOnce(
  compiled: Map<string, Compiled>,
  { kernel, nodes }: Step,
  emit: (kernel: Kernel) => EmittedKernel,
): Compiled {
  const text = printKernel(kernel);
  const known = compiled.get(text);
  if (known !== undefined) return known;
  try {
    const fresh = { number: compiled.size, emitted: emit(kernel), sizes: kernelSizes(kernel) };
    compiled.set(text, fresh);
    return fresh;
  } catch (error) {
    throw new Error(`no code for the kernel of ${nodes.join(", ")}: ${String(error)}`, {
      cause: error,
    });
  }
}

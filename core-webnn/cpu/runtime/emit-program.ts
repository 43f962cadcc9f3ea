/**
 * Makes one WebAssembly module of a list of steps.
 *
 * Steps whose kernels print equally share a function. The module imports the device's memory as
 * ("env", "memory") and exports the schedule: see emit-schedule.ts.
 */
import type { Kernel } from "../../kernel/ir.ts";
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
  /** The number that `emitSchedule` gave the kernel. */
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
  const compiled = compileSteps(steps, (kernel) => emit(module, kernel, features));
  const kernels = [...new Set(compiled)];
  const slots = emitSchedule(module, kernels, features.threads);
  return {
    bytes: module.build(),
    steps: compiled.map((emitted, i) => ({
      kernel: slots.get(emitted)!,
      units: emitted.units,
      unitCost: emitted.unitCost,
      buffers: steps[i]!.buffers,
      sizes: emitted.sizes,
    })),
    scratchByteLength: kernels.reduce((most, k) => Math.max(most, k.scratchByteLength ?? 0), 0),
  };
}

/** One entry per step; equal kernels have the same. */
function compileSteps(
  steps: readonly Step[],
  emit: (kernel: Kernel) => EmittedKernel,
): readonly EmittedKernel[] {
  const byText = new Map<string, EmittedKernel>();
  return steps.map(({ kernel, nodes }) => {
    const text = printKernel(kernel);
    const compiled = byText.get(text) ?? compile(kernel, nodes, emit);
    byText.set(text, compiled);
    return compiled;
  });
}

function compile(
  kernel: Kernel,
  nodes: readonly string[],
  emit: (kernel: Kernel) => EmittedKernel,
): EmittedKernel {
  try {
    return emit(kernel);
  } catch (error) {
    throw new Error(`no code for the kernel of ${nodes.join(", ")}: ${String(error)}`, {
      cause: error,
    });
  }
}

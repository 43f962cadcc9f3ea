/** The text of a graph at every stage, by file name: the graph and its kernels, WGSL, WebAssembly. */
import { emitKernel } from "../../core-webnn/cpu/emit-kernel.ts";
import { ModuleBuilder } from "../../core-webnn/cpu/module-builder.ts";
import type { CpuFeatures } from "../../core-webnn/cpu/features.ts";
import { emitWgsl } from "../../core-webnn/gpu/emit-wgsl.ts";
import { printGraph } from "../../core-webnn/graph/print.ts";
import type { Kernel } from "../../core-webnn/kernel/ir.ts";
import { printKernel } from "../../core-webnn/kernel/print.ts";
import type { BufferSpec, Program, Step } from "../../core-webnn/plan/program.ts";
import { sizeKey } from "../../core-webnn/util/size.ts";
import { cpuLikeFacts, gpuLikeFacts } from "../reference/interpreter-device.ts";
import { compileChecked } from "../reference/run-on-devices.ts";
import { disassemble } from "./disassemble.ts";
import { makeGolden, type GoldenGraph } from "./graphs.ts";

/** What every machine has, so that the text does not depend on where it is made. */
const features: CpuFeatures = { relaxedSimd: false, largeTiles: false, threads: false };

export function renderGolden(golden: GoldenGraph): Readonly<Record<string, string>> {
  const graph = makeGolden(golden);
  const [cpu, gpu] = [cpuLikeFacts, gpuLikeFacts].map((facts) => compileChecked(graph, facts));
  const kernels = [
    `GRAPH\n${printGraph(graph)}`,
    `CPU\n${printProgram(cpu!)}`,
    `GPU\n${printProgram(gpu!)}`,
  ];
  const { name } = golden;
  return {
    [`${name}.txt`]: kernels.join("\n"),
    [`${name}.wgsl`]: distinct(gpu!).map(printShader).join("\n"),
    ...(golden.withWasm && { [`${name}.wat.txt`]: distinct(cpu!).map(printWasm).join("\n") }),
  };
}

function printProgram(program: Program): string {
  const print = (when: string, steps: readonly Step[]): string[] =>
    steps.map(
      ({ kernel, buffers, nodes }) =>
        `${when}: ${nodes.join(", ") || "copy"}\n` +
        buffers.map((b, i) => `  b${i} = ${printBuffer(program.buffers[b]!, b)}\n`).join("") +
        printKernel(kernel),
    );
  return [...print("prepare", program.prepare), ...print("step", program.steps)].join("\n");
}

function printBuffer({ dataType, elementCount, place }: BufferSpec, index: number): string {
  const type = `${dataType}[${sizeKey(elementCount)}]`;
  if (place.kind === "input" || place.kind === "output")
    return `${place.kind} ${place.name}: ${type}`;
  if (place.kind === "constant") return `constant ${place.key}: ${type}`;
  return `${place.kind} ${index}: ${type}`;
}

/** Kernels of the steps, equal ones once, with the names of their nodes. */
function distinct({ steps }: Program): readonly Step[] {
  return [...new Map(steps.map((step) => [printKernel(step.kernel), step])).values()];
}

function printShader({ kernel, nodes }: Step): string {
  const { code, workgroups } = emitWgsl(kernel, { hasHalf: false });
  return `// ${nodes.join(", ")}: ${sizeKey(workgroups)} workgroups\n${code}`;
}

function printWasm({ kernel, nodes }: Step): string {
  const { units, text } = assemble(kernel);
  return `;; ${nodes.join(", ")}: ${units} units\n${text}`;
}

function assemble(kernel: Kernel): { readonly units: string; readonly text: string } {
  const module = new ModuleBuilder();
  module.importMemory({ module: "env", name: "memory", minimum: 1 });
  const { functionIndex, units } = emitKernel(module, kernel, features);
  return { units: sizeKey(units), text: disassemble(module.build(), functionIndex) };
}

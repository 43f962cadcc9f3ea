/**
 * Emits any kernel as one WebAssembly function.
 *
 * Contractions go to the matrix kernels where one of them fits; all else is emitted from the kernel IR:
 * the space is cut into units (`generic/units.ts`), an axis is chosen for vectors, statements become a
 * graph of values inside loops, and that graph is written as instructions. Results are those of
 * `kernel/interpret.ts`, bit for bit but for the order of sums and the last places of functions.
 */
import type { Kernel } from "../kernel/ir.ts";
import { hasScan } from "../kernel/visit.ts";
import { emitContract } from "./emit-contract.ts";
import type { EmittedKernel } from "./emitted-kernel.ts";
import type { CpuFeatures } from "./features.ts";
import { Arithmetic } from "./generic/arithmetic.ts";
import type { Emission } from "./generic/emission.ts";
import { integerAt } from "./generic/emit-expr.ts";
import { emitBody, emitStretch } from "./generic/emit-statement.ts";
import { helpersOf } from "./generic/helpers.ts";
import { keepValues } from "./generic/kept-values.ts";
import { Nest } from "./generic/nest.ts";
import { overUnits } from "./generic/over-units.ts";
import { blockLayout, ParameterBlock } from "./generic/parameter-block.ts";
import { startPoint } from "./generic/point.ts";
import { unitsOf } from "./generic/units.ts";
import { ValueGraph } from "./generic/value-graph.ts";
import { chooseSpaceAxis } from "./generic/vector-axis.ts";
import type { AxisChoices } from "./generic/vector-axis.ts";
import { writeActions } from "./generic/write-actions.ts";
import type { ModuleBuilder } from "./module-builder.ts";
import type { FunctionType } from "./wasm-types.ts";

const kernelType: FunctionType = { params: ["i32", "i32", "i32"], results: [] };

export function emitKernel(
  module: ModuleBuilder,
  kernel: Kernel,
  features: CpuFeatures,
): EmittedKernel {
  return emitContract(module, kernel, features) ?? emitGeneric(module, kernel, features);
}

/** Tests choose the axis themselves, since every choice must be right. */
export function emitGeneric(
  module: ModuleBuilder,
  kernel: Kernel,
  features: CpuFeatures,
  choose = chooseSpaceAxis,
): EmittedKernel {
  const graph = new ValueGraph();
  const { body, kept } = keepValues(kernel);
  const choices: AxisChoices = new Map();
  const units = unitsOf({ ...kernel, body }, choose({ ...kernel, body }, choices));
  const [block, begin, end] = kernelType.params.map((type) => graph.variable(type, 0));
  const nest = new Nest(graph);
  const layout = blockLayout(kernel);
  const emission: Emission = {
    kernel,
    isScan: hasScan(kernel),
    nest,
    block: new ParameterBlock(graph, block!, layout),
    arithmetic: new Arithmetic(graph, features),
    integer: (point, expr) => integerAt(emission, point, expr),
    choices,
    kept,
    helper: helpersOf(module),
  };
  overUnits(emission, units.axes, { begin: begin!, end: end! }, () => {
    if (units.stretch === undefined) emitBody(emission, [startPoint()], body);
    else emitStretch(emission, startPoint(), units.stretch, body);
  });
  const functionIndex = module.addFunction(kernelType, (asm, ...locals) => {
    const params = new Map([block!, begin!, end!].map((variable, i) => [variable, locals[i]!]));
    writeActions(asm, nest.actions, params);
  });
  return {
    functionIndex,
    sizes: layout.sizes.all(),
    units: units.count,
    unitCost: units.cost,
  };
}

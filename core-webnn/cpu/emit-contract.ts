/**
 * Emits the function of a kernel that is a contraction and its epilogue, where both operands are
 * strided memory; other contractions are left to the generic emitter.
 *
 * A unit of work is one block of rows and columns (`contract/blocks.ts`). Its sums are made tile by
 * tile, with all of k in registers, and stored in scratch memory; then the epilogue runs over them. So
 * the tiles know nothing of the epilogue, and its code is there once, not once for each tile.
 */
import type { Kernel } from "../kernel/ir.ts";
import { emitUnits } from "./contract/emit-units.ts";
import { scratchByteLength, unitCostOf, unitsOf } from "./contract/blocks.ts";
import { viewContraction } from "./contract/contraction.ts";
import type { EmittedKernel } from "./emitted-kernel.ts";
import type { CpuFeatures } from "./features.ts";
import { helpersOf } from "./generic/helpers.ts";
import { blockLayout } from "./generic/parameter-block.ts";
import type { ModuleBuilder } from "./module-builder.ts";

export function emitContract(
  module: ModuleBuilder,
  kernel: Kernel,
  features: CpuFeatures,
): EmittedKernel | undefined {
  const contraction = viewContraction(kernel);
  if (contraction === undefined) return undefined;
  const layout = blockLayout(kernel);
  const functionIndex = module.addFunction(
    { params: ["i32", "i32", "i32", "i32"], results: [] },
    (asm, block, begin, end, scratch) => {
      const context = { kernel, features, helper: helpersOf(module), block: block!, layout };
      emitUnits(asm, context, contraction, { begin: begin!, end: end!, scratch: scratch! });
    },
    `contract ${contraction.form}`,
  );
  return {
    functionIndex,
    sizes: layout.sizes.all(),
    units: unitsOf(contraction),
    unitCost: unitCostOf(contraction),
    scratchByteLength,
  };
}

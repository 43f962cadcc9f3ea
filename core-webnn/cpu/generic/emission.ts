/** What the parts of the emitter share while they build one kernel's function. */
import type { Expr, Kernel, Stmt } from "../../kernel/ir.ts";
import type { Arithmetic } from "./arithmetic.ts";
import type { AddressScope } from "./emit-address.ts";
import type { HelperName } from "./helpers.ts";
import type { Kept } from "./kept-values.ts";
import type { Nest } from "./nest.ts";
import type { ParameterBlock } from "./parameter-block.ts";
import type { Point } from "./point.ts";
import type { AxisChoices } from "./vector-axis.ts";
import type { Value } from "./value-graph.ts";

export interface Emission {
  readonly kernel: Pick<Kernel, "buffers">;
  /** Whether the kernel reads what it writes: see `emit-scan.ts`. */
  readonly isScan: boolean;
  readonly nest: Nest;
  readonly block: ParameterBlock;
  readonly arithmetic: Arithmetic;
  /** An integer expression at a single point, as an i32. */
  readonly integer: (point: Point, expr: Expr) => Value;
  readonly choices?: AxisChoices;
  /** Values of reductions that later loops read from memory. */
  readonly kept?: ReadonlyMap<Stmt, Kept>;
  /** The index of a helper function in the module. */
  readonly helper: (name: HelperName) => number;
}

export function addressesAt({ nest, block, integer }: Emission, point: Point): AddressScope {
  return { nest, block, integer: (expr) => integer(point, expr) };
}

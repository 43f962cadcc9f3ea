/**
 * The kernel's addresses and expressions inside a function that is written with the assembler: values
 * of a graph of their own, whose variables are the function's locals.
 */
import { sizeAddress } from "../../kernel/address.ts";
import type { Address, BufferUse, Kernel } from "../../kernel/ir.ts";
import type { Size } from "../../util/size.ts";
import type { Assembler, Local } from "../assembler.ts";
import type { CpuFeatures } from "../features.ts";
import { Arithmetic } from "../generic/arithmetic.ts";
import { addressesAt } from "../generic/emission.ts";
import type { Emission } from "../generic/emission.ts";
import { integerOf, placeOf } from "../generic/emit-address.ts";
import { integerAt } from "../generic/emit-expr.ts";
import type { HelperName } from "../generic/helpers.ts";
import { Nest } from "../generic/nest.ts";
import { ParameterBlock, type BlockLayout } from "../generic/parameter-block.ts";
import { startPoint } from "../generic/point.ts";
import { ValueGraph } from "../generic/value-graph.ts";
import type { Value } from "../generic/value-graph.ts";
import { writeActions } from "../generic/write-actions.ts";
import type { Amount } from "./amount.ts";

/** What one function's pieces of code have in common. */
export interface KernelContext {
  readonly kernel: Kernel;
  readonly features: CpuFeatures;
  readonly helper: (name: HelperName) => number;
  /** Points to the parameter block. */
  readonly block: Local;
  readonly layout: BlockLayout;
}

/** Axes that the function counts itself, by name. */
export type BoundAxes = ReadonlyMap<string, Local>;

export interface Scope {
  readonly emission: Emission;
  /** The locals of the graph's variables. */
  readonly locals: Map<Value, Local>;
}

/** A buffer in scratch memory, numbered after the kernel's. */
export interface ScratchBuffer extends BufferUse {
  readonly pointer: Local;
}

export function openScope(
  context: KernelContext,
  axes: BoundAxes,
  scratch: readonly ScratchBuffer[] = [],
): Scope {
  const graph = new ValueGraph();
  const nest = new Nest(graph);
  const locals = new Map<Value, Local>();
  const variable = (local: Local): Value => {
    const value = graph.variable(local.type, 0);
    locals.set(value, local);
    return value;
  };
  for (const [name, local] of axes) nest.bind(name, variable(local));
  const further = scratch.map(({ pointer }) => variable(pointer));
  const emission: Emission = {
    kernel: { buffers: [...context.kernel.buffers, ...scratch] },
    isScan: false,
    nest,
    block: new ParameterBlock(graph, variable(context.block), context.layout, further),
    arithmetic: new Arithmetic(graph, context.features),
    integer: (point, expr) => integerAt(emission, point, expr),
    helper: context.helper,
  };
  return { emission, locals };
}

/** Writes what the scope's nest does, and leaves `results` on the stack. */
export function writeScope(
  asm: Assembler,
  { emission, locals }: Scope,
  results: readonly Value[] = [],
): void {
  writeActions(asm, emission.nest.actions, locals, results);
}

/** A new local that points to an element of a buffer. */
export function pointerTo(
  asm: Assembler,
  context: KernelContext,
  axes: BoundAxes,
  buffer: number,
  address: Address,
  byteLength: number,
): Local {
  const scope = openScope(context, axes);
  const place = placeOf(addressesAt(scope.emission, startPoint()), buffer, address, byteLength);
  const pointer = asm.local("i32");
  writeScope(asm, scope, [place.address]);
  asm.i32(place.offset);
  asm.op("i32.add");
  asm.set(pointer);
  return pointer;
}

/** `factor` times a size or an address that is free of axes: known, or in a new local. */
export function amountOf(
  asm: Assembler,
  context: KernelContext,
  of: Size | Address,
  factor = 1,
): Amount {
  const address = typeof of === "number" || "terms" in of ? sizeAddress(of) : of;
  if (address.kind === "const") return address.value * factor;
  const scope = openScope(context, new Map());
  const value = integerOf(addressesAt(scope.emission, startPoint()), address);
  const amount = asm.local("i32");
  writeScope(asm, scope, [value]);
  asm.i32(factor);
  asm.op("i32.mul");
  asm.set(amount);
  return amount;
}

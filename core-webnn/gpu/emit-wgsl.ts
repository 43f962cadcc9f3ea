/**
 * A kernel as a WGSL compute shader. Pure: the same kernel, facts and bindings give the same text.
 *
 * An invocation takes one point of the space, one word of points (packed-stores.ts) or one tile of a
 * contraction (contract-grid.ts), or a workgroup one point of a scan (scan-grid.ts). Workgroups are counted in one dimension; a device that cannot dispatch
 * so many in x spreads them over y, and the shader numbers them row by row.
 */
import type { Kernel } from "../kernel/ir.ts";
import { SizeList } from "../kernel/size-list.ts";
import { hasScan } from "../kernel/visit.ts";
import { addSizes, floorDivideSizes, sizeKey, type Size, type SymbolicSize } from "../util/size.ts";
import { contractGrid } from "./contract-grid.ts";
import type { Grid } from "./grid.ts";
import { pointGrid } from "./point-grid.ts";
import { storesOf } from "./packed-stores.ts";
import { scanGrid } from "./scan-grid.ts";
import { emitSize } from "./wgsl-address.ts";
import { emitExpr } from "./wgsl-expr.ts";
import { libraryFor } from "./wgsl-library.ts";
import type { Scope } from "./wgsl-scope.ts";
import { arrayElement, elementForm, type BufferCode } from "./wgsl-storage.ts";
import { functionBlock, nameAt, write } from "./wgsl-writer.ts";

/** What of a GPU decides how code for it is written. */
export interface ShaderFacts {
  /** Whether float16 is an array of `f16`: the feature shader-f16, and a compiler that makes an `f16` of bits. */
  readonly hasHalf: boolean;
}

/** How a buffer of a kernel is bound: buffers that are the same bytes share a binding. */
export interface BufferBinding {
  readonly binding: number;
  readonly access: BufferAccess;
}

export type BufferAccess = "read" | "read_write";

export interface EmittedShader {
  readonly code: string;
  /** The sizes that the uniform block (group 1, binding 0) holds as i32, in order; without any there is none. */
  readonly sizes: readonly SymbolicSize[];
  readonly workgroups: Size;
  /** Of the storage buffers (group 0), by binding. */
  readonly access: readonly BufferAccess[];
}

export const workgroupSize = 64;

/** Each buffer its own binding, read-only where the kernel only reads. */
export function separateBindings(kernel: Kernel): BufferBinding[] {
  return kernel.buffers.map(({ access }, binding) => ({
    binding,
    access: access === "read" ? "read" : "read_write",
  }));
}

/** `maxRows` bounds the tile of a contraction: 1 suits one or two rows. */
export function emitWgsl(
  kernel: Kernel,
  facts: ShaderFacts,
  bindings: readonly BufferBinding[] = separateBindings(kernel),
  maxRows = Infinity,
): EmittedShader {
  const forms = kernel.buffers.map((use) => elementForm(use, facts.hasHalf));
  const packed = storesOf(kernel.body)
    .map(({ buffer }) => buffer)
    .filter((buffer) => forms[buffer] === "packed");
  const grid =
    contractGrid(kernel, new Set(packed), maxRows) ??
    scanGrid(kernel, workgroupSize) ??
    pointGrid(kernel, new Set(packed));
  const isQuad = (binding: number): boolean =>
    bindings.every((other, i) => other.binding !== binding || grid.quads.has(i));
  const changes = hasScan(kernel);
  const buffers = kernel.buffers.map(({ dataType, access }, i): BufferCode => {
    const { binding } = bindings[i]!;
    const form = grid.atomics.has(i) ? "atomic" : isQuad(binding) ? "quad" : forms[i]!;
    return { name: `b${binding}`, dataType, form, changes: changes && access === "write" };
  });
  const list = new SizeList();
  const body = emitMain(grid, buffers, list);
  const sizes = list.all();
  const needsHalf = buffers.some(({ form }) => form === "half");
  const code = [
    ...(needsHalf ? ["enable f16;\n"] : []),
    ...(sizes.length === 0
      ? []
      : [declareSizes(sizes), "@group(1) @binding(0) var<uniform> sizes: Sizes;"]),
    ...declareBuffers(buffers, bindings),
    libraryFor(body),
    body,
  ].join("\n");
  return {
    code,
    sizes,
    workgroups: workgroupsOf(grid),
    access: accessByBinding(bindings),
  };
}

function emitMain(grid: Grid, buffers: readonly BufferCode[], sizes: SizeList): string {
  const block = functionBlock();
  const none = new Map<string, never>();
  const names = { axes: none, locals: none, words: none };
  const scope: Scope = { block, buffers, sizes, ...names, evaluate: emitExpr };
  const count = emitSize(scope, grid.count);
  write(block, `let index = ${indices[grid.unit]};`);
  write(block, `if (index >= ${count.text}) { return; }`);
  grid.emit(scope, nameAt(block, "index"));
  return `@compute @workgroup_size(${workgroupSize})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
${block.lines.join("\n")}
}
`;
}

function accessByBinding(bindings: readonly BufferBinding[]): BufferAccess[] {
  const access: BufferAccess[] = [];
  for (const { binding, access: one } of bindings) access[binding] = one;
  return access;
}

const indices: Readonly<Record<Grid["unit"], string>> = {
  invocation: `i32((group.y * groups.x + group.x) * ${workgroupSize}u + lane)`,
  workgroup: "i32(group.y * groups.x + group.x)",
};

function workgroupsOf({ unit, count }: Grid): Size {
  if (unit === "workgroup") return count;
  return floorDivideSizes(addSizes(count, workgroupSize - 1), workgroupSize);
}

/** The struct of the uniform block; UniformBlock fills it. */
function declareSizes(sizes: readonly SymbolicSize[]): string {
  const fields = sizes.map((size, i) => `  s${i}: i32, // ${printable(sizeKey(size))}\n`);
  return `struct Sizes {\n${fields.join("")}}`;
}

/** Names of sizes are a caller's: none may end the comment it stands in. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function declareBuffers(
  buffers: readonly BufferCode[],
  bindings: readonly BufferBinding[],
): string[] {
  const lines = buffers.map((buffer, i) => {
    const { binding, access } = bindings[i]!;
    const type = `array<${arrayElement(buffer)}>`;
    return `@group(0) @binding(${binding}) var<storage, ${access}> ${buffer.name}: ${type};`;
  });
  return [...new Set(lines)];
}

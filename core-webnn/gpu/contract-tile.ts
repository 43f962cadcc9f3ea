/**
 * How a contraction is cut into tiles: some rows (m) by up to four columns (n) for each invocation.
 *
 * Rows, columns and steps of k are addresses: `4*tile + 1` for the second column. Algebra then finds
 * which loads of a tile share a word or a vector.
 */
import {
  addAddress,
  affine,
  axisAddress,
  constant,
  minAddress,
  modAddress,
  mulAddress,
  sizeAddress,
} from "../kernel/address.ts";
import type { Address, Axis, Contract, Expr, Kernel, Stmt } from "../kernel/ir.ts";
import { substituteExpr, visitExprs } from "../kernel/visit.ts";
import {
  addSizes,
  floorDivideSizes,
  multiplySizes,
  productOf,
  sizeRange,
  subtractSizes,
  type Size,
  type SymbolicSize,
} from "../util/size.ts";
import { bitsPerElement } from "../util/data-type.ts";
import { flattenSpace, newAxisName } from "./flatten-space.ts";

/** The rows or the columns: `size` of them to a tile. */
export interface Span {
  /** All of them. */
  readonly axis: Axis;
  readonly size: number;
  /** The tile's number. */
  readonly tile: Axis;
}

export interface Tiling {
  readonly kernel: Kernel;
  readonly contract: Contract;
  readonly epilogue: readonly Stmt[];
  readonly batch: Axis;
  readonly rows: Span;
  readonly columns: Span;
  /** Axes of the loops over k. The last may count steps of `unroll`. */
  readonly loops: readonly Axis[];
  /** For each step of the innermost loop: a by row, b by column. */
  readonly steps: readonly { readonly a: readonly Expr[]; readonly b: readonly Expr[] }[];
}

/**
 * Rows of a tile. For many rows 8: 3.2 GFLOP/s per core and 0.69 (lavapipe 25 and SwiftShader, 1500 x 384 x
 * 384), where 4 give 2.8 and 0.57. Where their number is known at dispatch only, see `maxRows` of emitWgsl.
 */
const tileRows = [
  { least: 32, rows: 8 },
  { least: 0, rows: 4 },
];

const tileColumns = 4;

/** The rows of the contraction that a kernel begins with, if only a dispatch tells whether they are few. */
export function uncertainRows({ body: [first] }: Kernel): SymbolicSize | undefined {
  if (first?.kind !== "contract") return undefined;
  const rows = productOf(first.m.map(({ extent }) => extent));
  return typeof rows === "number" || leastPositive(rows) > 1 ? undefined : rows;
}

/** `1500*batch` is 0 or at least 1500. */
function leastPositive(size: Size): number {
  if (typeof size === "number") return size;
  const [term] = size.terms;
  return size.terms.length === 1 ? Math.max(1, term!.coefficient) : 1;
}

/** Undefined where the kernel does not begin with its only contraction. */
export function tileContraction(kernel: Kernel, maxRows: number): Tiling | undefined {
  const [first, ...rest] = kernel.body;
  if (first?.kind !== "contract" || rest.some(({ kind }) => kind === "contract")) return undefined;
  const named = (axes: readonly Axis[]): Set<string> => new Set(axes.map(({ name }) => name));
  const [m, n] = [named(first.m), named(first.n)];
  const others = kernel.space.filter(({ name }) => !m.has(name) && !n.has(name));
  const flat = flattenSpace(kernel, [
    { name: newAxisName(kernel, "batch"), axes: others },
    { name: newAxisName(kernel, "row"), axes: first.m },
    { name: newAxisName(kernel, "column"), axes: first.n },
  ]);
  const [batch, row, column] = flat.space as [Axis, Axis, Axis];
  const [contract, ...epilogue] = flat.body as [Contract, ...Stmt[]];
  const largest = tileRows.find(({ least }) => leastPositive(row.extent) >= least)!;
  const rows = spanOf(kernel, row, Math.min(largest.rows, maxRows));
  const columns = spanOf(kernel, column, tileColumns);
  const { loops, steps: stepsOfK } = unroll(flat, contract);
  const placed = (expr: Expr, { axis }: Span, at: Address, k: Places): Expr =>
    substituteExpr(expr, { axes: new Map([...k, [axis.name, at]]) });
  const steps = stepsOfK.map((k) => ({
    a: placesIn(rows).map((at) => placed(contract.a, rows, at, k)),
    b: placesIn(columns).map((at) => placed(contract.b, columns, at, k)),
  }));
  return { kernel: flat, contract, epilogue, batch, rows, columns, loops, steps };
}

/** Tiles in all. */
export function tileCount({ batch, rows, columns }: Tiling): Size {
  return multiplySizes(batch.extent, rows.tile.extent, columns.tile.extent);
}

export function isWhole({ axis, size }: Span): boolean {
  return typeof axis.extent === "number" && axis.extent % size === 0;
}

/** Numbers of 32-bit buffers that a and b alone read, each load at a known position in a vector of four. */
export function quadBuffers({ kernel, epilogue, steps }: Tiling): ReadonlySet<number> {
  const quads = new Set<number>();
  const others = new Set<number>();
  const sort = (expr: Expr): void => {
    if (expr.kind !== "load") return;
    const isKnown = modAddress(expr.address, constant(4)).kind === "const";
    const is32 = bitsPerElement(kernel.buffers[expr.buffer]!.dataType) === 32;
    (isKnown && is32 ? quads : others).add(expr.buffer);
  };
  steps.flatMap(({ a, b }) => [...a, ...b]).forEach((expr) => visitExprs(expr, sort));
  for (const stmt of epilogue) {
    visitExprs(stmt, (expr) => expr.kind === "load" && others.add(expr.buffer));
  }
  return new Set([...quads].filter((buffer) => !others.has(buffer)));
}

/** Addresses that axes stand for. */
type Places = ReadonlyMap<string, Address>;

function spanOf(kernel: Kernel, axis: Axis, largest: number): Span {
  const size = Math.max(1, Math.min(largest, sizeRange(axis.extent)[1]));
  const extent = floorDivideSizes(addSizes(axis.extent, size - 1), size);
  return { axis, size, tile: { name: newAxisName(kernel, `${axis.name} tile`), extent } };
}

/** The tile's rows or columns; those past the end are the last one again, so that all loads lie inside. */
function placesIn(span: Span): Address[] {
  const first = mulAddress(axisAddress(span.tile), constant(span.size));
  const last = sizeAddress(subtractSizes(span.axis.extent, 1));
  return Array.from({ length: span.size }, (_, i) => {
    const at = addAddress(first, constant(i));
    return i === 0 || isWhole(span) ? at : minAddress(at, last);
  });
}

/** Steps of k taken together where operands lie packed along k: then they share words. */
const packedSteps = 4;

function unroll(
  kernel: Kernel,
  { k, a, b }: Contract,
): { readonly loops: readonly Axis[]; readonly steps: readonly Places[] } {
  const last = k.at(-1);
  const extent = last?.extent;
  const isDivisible = typeof extent === "number" && extent % packedSteps === 0;
  if (last === undefined || !isDivisible || !isPackedAlong(kernel, last, [a, b])) {
    return { loops: k, steps: [new Map()] };
  }
  const group = { name: newAxisName(kernel, `${last.name} group`), extent: extent / packedSteps };
  const first = mulAddress(axisAddress(group), constant(packedSteps));
  const steps = Array.from(
    { length: packedSteps },
    (_, i) => new Map([[last.name, addAddress(first, constant(i))]]),
  );
  return { loops: [...k.slice(0, -1), group], steps };
}

function isPackedAlong(kernel: Kernel, k: Axis, operands: readonly Expr[]): boolean {
  let isPacked = false;
  const look = (expr: Expr): void => {
    if (expr.kind !== "load") return;
    if (bitsPerElement(kernel.buffers[expr.buffer]!.dataType) > 8) return;
    const [stride] = affine(expr.address, [k])?.strides ?? [];
    isPacked ||= stride?.kind === "const" && stride.value === 1;
  };
  operands.forEach((operand) => visitExprs(operand, look));
  return isPacked;
}

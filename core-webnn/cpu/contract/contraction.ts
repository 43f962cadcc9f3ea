/**
 * What the matrix kernels see in a contraction: one axis each of m, n and k to tile, axes around them,
 * and both operands as strided memory.
 *
 * Contractions whose operands are not strided memory have no such view, and none of these kernels.
 */
import {
  addAddress,
  affine,
  axisAddress,
  constant,
  mulAddress,
  substituteAddress,
} from "../../kernel/address.ts";
import type { Address, Axis, Contract, Kernel, Stmt } from "../../kernel/ir.ts";
import { printAddress } from "../../kernel/print.ts";
import { axesOf, visitAddresses } from "../../kernel/visit.ts";
import { addSizes, floorDivideSizes } from "../../util/size.ts";
import { elementsOf } from "./elements.ts";
import type { Elements } from "./elements.ts";

/** Columns of a packed panel: `DeviceFacts.contraction.panelWidth`. */
export const panelColumns = 8;

/** Where b is contiguous: in panels of 8 columns, along n, or (as a then is too) along k. */
export type Form = "panels" | "rows" | "alongK";

export interface Contraction {
  readonly form: Form;
  readonly accumulator: Contract["accumulator"];
  /** Independent axes around the tiled ones, outermost first. */
  readonly outer: readonly Axis[];
  readonly m: Axis;
  readonly n: Axis;
  readonly kOuter: readonly Axis[];
  readonly k: Axis;
  readonly a: Operand;
  readonly b: Operand;
  /** What follows the sum. */
  readonly epilogue: readonly Stmt[];
}

/** Strides are in elements, and free of axes. */
export interface Operand {
  readonly elements: Elements;
  /** At index 0 of the tiled axes and of k; may depend on the outer axes. */
  readonly base: Address;
  /** Along m for a; along n for b, from panel to panel where b lies in panels. */
  readonly rowStride: Address;
  readonly kOuterStrides: readonly Address[];
  readonly kStride: Address;
}

export function viewContraction(kernel: Kernel): Contraction | undefined {
  const [contract, ...epilogue] = kernel.body;
  if (contract?.kind !== "contract") return undefined;
  const tiled = tiledAxes(kernel, contract);
  const sums = contract.accumulator.type === "f32" ? "f32" : "i32";
  const [a, b] = [contract.a, contract.b].map((x) => elementsOf(x, sums, kernel.buffers, tiled.k));
  if (a === undefined || b === undefined) return undefined;
  const operands = operandsOf(tiled, a, b);
  if (operands === undefined) return undefined;
  return { ...tiled.axes, ...operands, accumulator: contract.accumulator, epilogue };
}

interface Tiled {
  readonly axes: Pick<Contraction, "outer" | "m" | "n" | "kOuter" | "k">;
  /** All axes of k. */
  readonly k: readonly Axis[];
}

/** The last axis of each kind is tiled; what is missing is an axis of extent 1. */
function tiledAxes(kernel: Kernel, contract: Contract): Tiled {
  const last = (axes: readonly Axis[], name: string): Axis =>
    axes.at(-1) ?? { name: `'${name}`, extent: 1 };
  const [m, n, k] = [last(contract.m, "m"), last(contract.n, "n"), last(contract.k, "k")];
  const outer = kernel.space.filter(({ name }) => name !== m.name && name !== n.name);
  const kOuter = contract.k.slice(0, -1);
  return { axes: { outer, m, n, kOuter, k }, k: [...kOuter, k] };
}

type Operands = Pick<Contraction, "form" | "a" | "b">;

function operandsOf({ axes }: Tiled, a: Elements, b: Elements): Operands | undefined {
  const { m, n, k, kOuter } = axes;
  const aView = stridedOperand(a, m, k, kOuter);
  const bView = stridedOperand(b, n, k, kOuter);
  if (aView === undefined) return undefined;
  if (bView !== undefined && isUnit(aView.kStride, k) && isUnit(bView.kStride, k)) {
    const isStrip = a.kind === "f32" && b.kind === "f32" && isUnit(bView.rowStride, n);
    // A row of b that is contiguous along both (K or N is 1) takes the form with less to add up.
    if (!isStrip || n.extent === 1) return { form: "alongK", a: aView, b: bView };
  }
  if (a.kind !== "f32" || b.kind !== "f32") return undefined;
  if (bView !== undefined) {
    return isUnit(bView.rowStride, n) ? { form: "rows", a: aView, b: bView } : undefined;
  }
  const panels = panelOperand(b, n, k, kOuter);
  return panels && { form: "panels", a: aView, b: panels };
}

function stridedOperand(
  elements: Elements,
  row: Axis,
  k: Axis,
  kOuter: readonly Axis[],
): Operand | undefined {
  return viewAlong(elements, elements.address, [row, k, ...kOuter]);
}

/** Along the panels, where n = 8 panels + column makes the address affine and columns neighbours. */
function panelOperand(
  elements: Elements,
  n: Axis,
  k: Axis,
  kOuter: readonly Axis[],
): Operand | undefined {
  const width = panelColumns;
  const extent = floorDivideSizes(addSizes(n.extent, width - 1), width);
  const panel: Axis = { name: "'panel", extent };
  const column: Axis = { name: "'column", extent: width };
  const at = addAddress(mulAddress(axisAddress(panel), constant(width)), axisAddress(column));
  const address = substituteAddress(elements.address, new Map([[n.name, at]]));
  const columns = affine(address, [column]);
  if (columns === undefined || !isUnit(columns.strides[0]!, column)) return undefined;
  return viewAlong(elements, columns.base, [panel, k, ...kOuter]);
}

function viewAlong(
  elements: Elements,
  address: Address,
  axes: readonly Axis[],
): Operand | undefined {
  const view = affine(address, axes);
  if (view === undefined || hasData(address)) return undefined;
  if (view.strides.some((stride) => axesOf(stride).size > 0)) return undefined;
  const [rowStride, kStride, ...kOuterStrides] = view.strides;
  return { elements, base: view.base, rowStride: rowStride!, kStride: kStride!, kOuterStrides };
}

function hasData(address: Address): boolean {
  let found = false;
  visitAddresses(address, (part) => (found ||= part.kind === "value"));
  return found;
}

/** Whether neighbours along the axis are neighbours in memory. Of a single point any stride is true. */
function isUnit(stride: Address, axis: Axis): boolean {
  return axis.extent === 1 || printAddress(stride) === "1";
}

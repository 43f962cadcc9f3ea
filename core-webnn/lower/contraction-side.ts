/** One operand of a contraction, as the kernels around that contraction read it. */
import {
  addAddress,
  axisAddress,
  constant,
  delinearize,
  floorDivAddress,
  linearAddress,
  modAddress,
  mulAddress,
  sizeAddress,
} from "../kernel/address.ts";
import {
  binary,
  cast,
  compare,
  f32,
  guard,
  i32,
  index,
  load,
  valueTypeOf,
} from "../kernel/expr.ts";
import type { Address, Axis, Expr } from "../kernel/ir.ts";
import type { Contraction, ContractionOperand } from "../ops/row.ts";
import type { Value } from "../graph/ir.ts";
import type { StorageType } from "../util/data-type.ts";
import { addSizes, floorDivideSizes, multiplySizes, productOf, type Size } from "../util/size.ts";
import { isFree, readDecoded, traceDecode, type DecodedParts } from "./decoded.ts";
import type { LoweredKernel } from "./lowered-kernel.ts";
import { finishKernel } from "./lowered-kernel.ts";
import type { Member } from "./roots.ts";
import { writeKernel, type KernelWriter, type Lowering } from "./writer.ts";

/** The addresses of one point: `mn` is m for operand a and n for operand b. */
export interface Point {
  readonly batch: readonly Address[];
  readonly mn: readonly Address[];
  readonly k: readonly Address[];
}

export interface Side {
  readonly operand: ContractionOperand;
  /** Sizes of m for a, of n for b. */
  readonly rows: readonly Size[];
  /** Set where the sum runs over encoded integers; `dataType` is theirs. */
  readonly encoded?: StorageType;
  readonly laid?: Laid;
}

export interface ContractionPlan {
  readonly contraction: Contraction;
  readonly a: Side;
  readonly b: Side;
}

/** The operand in a buffer of its own. */
interface Laid {
  readonly storage: number;
  readonly dataType: StorageType;
  readonly elementCount: Size;
  readonly address: (point: Point) => Address;
}

/** Orders of a laid-out operand: k contiguous, rows contiguous, or panels of some rows `[rows / width][k][width]`. */
export type Layout = "k" | "rows" | { readonly panelWidth: number };

/** The real value's decode at a point; undefined where the operand is not decoded there. */
export function partsAt(
  lowering: Lowering,
  writer: KernelWriter,
  side: Side,
  { batch, mn, k }: Point,
): DecodedParts | undefined {
  const { operand, index: at } = side.operand;
  const found = traceDecode(lowering.roots, operand as Value, at(batch, mn, k));
  return found && readDecoded(writer, found);
}

/** The number that is summed: the encoded integer as i32, else the real value as f32. */
export function readSide(lowering: Lowering, writer: KernelWriter, side: Side, point: Point): Expr {
  if (side.laid !== undefined) {
    const { storage, dataType, elementCount, address } = side.laid;
    const buffer = writer.buffer(storage, { dataType, elementCount, access: "read" });
    const x = load(valueTypeOf(dataType), buffer, address(point));
    return side.encoded ? cast("i32", x) : x;
  }
  const { operand, index: at, inside } = side.operand;
  const { batch, mn, k } = point;
  const parts = side.encoded ? partsAt(lowering, writer, side, point) : undefined;
  const x = parts ? parts.q : writer.element(operand, at(batch, mn, k));
  // An encoded zero is the zero point: padding then vanishes from every sum.
  return inside ? guard(inside(batch, mn, k), x, parts ? parts.zero : f32(0)) : x;
}

/** The kernel that writes a side to a buffer of its own, and the side that reads it there. */
export function layOut(
  lowering: Lowering,
  contraction: Contraction,
  member: Member,
  side: Side,
  layout: Layout,
): { readonly kernel: LoweredKernel; readonly side: Side } {
  const writer = writeKernel(lowering);
  const batch = writer.axes(contraction.batch, "b");
  const rows = rowAxes(writer, side.rows, layout);
  const k = writer.axes(contraction.k, "k");
  const point = { batch: batch.at, mn: rows.at, k: k.at };
  const plain = readSide(lowering, writer, side, point);
  const x = rows.inside ? guard(rows.inside, plain, side.encoded ? i32(0) : f32(0)) : plain;
  const batched = !isFree(x, new Set(batch.axes.map(({ name }) => name)));
  const laid = laidOut(lowering, contraction, side, layout, batched);
  const buffer = writer.buffer(laid.storage, {
    dataType: laid.dataType,
    elementCount: laid.elementCount,
    access: "write",
  });
  const space = [
    ...(batched ? batch.axes : []),
    ...(layout === "k" ? [...rows.axes, ...k.axes] : orderRows(layout, rows.axes, k.axes)),
  ];
  const value = side.encoded ? cast(valueTypeOf(laid.dataType), x) : x;
  const store = { kind: "store", buffer, address: laid.address(point), value } as const;
  return {
    kernel: finishKernel(writer, space, [store], [member]),
    side: { ...side, laid },
  };
}

function orderRows(layout: Layout, rows: readonly Axis[], k: readonly Axis[]): readonly Axis[] {
  if (typeof layout === "string") return [...k, ...rows];
  const [panel, lane] = [rows.slice(0, -1), rows.slice(-1)];
  return [...panel, ...k, ...lane];
}

/** Panels walk whole panels: rows past the end are filled with zeros. */
function rowAxes(
  writer: KernelWriter,
  sizes: readonly Size[],
  layout: Layout,
): { axes: readonly Axis[]; at: readonly Address[]; inside?: Expr } {
  if (typeof layout === "string") return writer.axes(sizes, "r");
  const { panelWidth } = layout;
  const count = productOf(sizes);
  const [panel, lane] = ["p0", "l0"].map((name, i): Axis => ({
    name,
    extent: i === 0 ? panelsOf(count, panelWidth) : panelWidth,
  }));
  const row = addAddress(mulAddress(axisAddress(panel!), constant(panelWidth)), axisAddress(lane!));
  const inside = compare("lt", index(row), index(sizeAddress(count)));
  return { axes: [panel!, lane!], at: delinearize(row, sizes), inside };
}

function panelsOf(count: Size, width: number): Size {
  return floorDivideSizes(addSizes(count, width - 1), width);
}

function laidOut(
  lowering: Lowering,
  contraction: Contraction,
  side: Side,
  layout: Layout,
  batched: boolean,
): Laid {
  const [rows, depth] = [productOf(side.rows), productOf(contraction.k)];
  const width = typeof layout === "string" ? 1 : layout.panelWidth;
  const matrix = multiplySizes(panelsOf(rows, width), width, depth);
  const elementCount = multiplySizes(batched ? productOf(contraction.batch) : 1, matrix);
  const dataType = side.encoded ?? "float32";
  const storage = lowering.temporary(dataType, elementCount);
  const address = ({ batch, mn, k }: Point): Address => {
    const first = batched ? linearAddress(batch, contraction.batch) : constant(0);
    const [row, step] = [linearAddress(mn, side.rows), linearAddress(k, contraction.k)];
    const inMatrix =
      layout === "k"
        ? addAddress(mulAddress(row, sizeAddress(depth)), step)
        : layout === "rows"
          ? addAddress(mulAddress(step, sizeAddress(rows)), row)
          : panelAddress(row, step, depth, width);
    return addAddress(mulAddress(first, sizeAddress(matrix)), inMatrix);
  };
  return { storage, dataType, elementCount, address };
}

function panelAddress(row: Address, step: Address, depth: Size, width: number): Address {
  const panel = floorDivAddress(row, constant(width));
  const inPanel = addAddress(mulAddress(panel, sizeAddress(depth)), step);
  return addAddress(mulAddress(inPanel, constant(width)), modAddress(row, constant(width)));
}

/** q - zero as f32: exact, and what is multiplied where only one operand is encoded. */
export function centred(q: Expr, zero: Expr): Expr {
  return cast("f32", binary("sub", q, zero));
}

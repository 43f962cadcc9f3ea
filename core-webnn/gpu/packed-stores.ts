/**
 * Decides how a kernel's stores to 16-, 8- and 4-bit elements own whole 32-bit words.
 *
 * Where such a store goes through its buffer in row-major order of the space's axes (in whatever order
 * they stand), an invocation can take the points of one word. Every other packed store is atomic.
 */
import { affine } from "../kernel/address.ts";
import { sizeOf, sumOf } from "../kernel/address-sum.ts";
import type { Address, Axis, Kernel, Stmt } from "../kernel/ir.ts";
import { visitStmts } from "../kernel/visit.ts";
import { multiplySizes, sizeKey, sizesEqual, type Size } from "../util/size.ts";
import { lanesPerWord } from "./wgsl-storage.ts";

export interface WordOrder {
  /** Elements of a word. */
  readonly lanes: number;
  /** The axes of the space, outermost first, as the stores go through them. */
  readonly axes: readonly Axis[];
  /** Element of the first point. */
  readonly base: Size;
  /** Numbers of the buffers that are written so. */
  readonly buffers: ReadonlySet<number>;
}

type Store = Extract<Stmt, { kind: "store" }>;

/** The order that the first packed store suggests, with all stores that agree with it. */
export function wordOrder(kernel: Kernel, packed: ReadonlySet<number>): WordOrder | undefined {
  const orders = storesOf(kernel.body)
    .filter(({ buffer }) => packed.has(buffer))
    .filter((store, _, all) => isOnly(store, all) && kernel.body.includes(store))
    .map((store) => orderOf(kernel, store))
    .filter((order) => order !== undefined);
  const [first] = orders;
  if (first === undefined) return undefined;
  const agreeing = orders.filter((order) => agree(order, first));
  return { ...first, buffers: new Set(agreeing.flatMap(({ buffers }) => [...buffers])) };
}

export function storesOf(body: readonly Stmt[]): Store[] {
  const stores: Store[] = [];
  visitStmts(body, (stmt) => void (stmt.kind === "store" && stores.push(stmt)));
  return stores;
}

/** Whether every value of the address, `axes` at 0, is a multiple of `factor`. */
export function isMultiple(address: Address, factor: number): boolean {
  return sumOf(address).every(({ coefficient }) =>
    typeof coefficient === "number"
      ? coefficient % factor === 0
      : coefficient.terms.every((term) => term.coefficient % factor === 0),
  );
}

function isOnly(store: Store, all: readonly Store[]): boolean {
  return all.every((other) => other === store || other.buffer !== store.buffer);
}

function orderOf(kernel: Kernel, store: Store): WordOrder | undefined {
  const split = affine(store.address, kernel.space);
  const base = split && sizeOf(sumOf(split.base));
  if (split === undefined || base === undefined) return undefined;
  const axes = rowMajorOrder(kernel.space, split.strides);
  if (axes === undefined) return undefined;
  const lanes = lanesPerWord(kernel.buffers[store.buffer]!.dataType);
  return { lanes, axes, base, buffers: new Set([store.buffer]) };
}

/** The axes such that each stride is the product of the extents to its right, if there is such an order. */
function rowMajorOrder(space: readonly Axis[], strides: readonly Address[]): Axis[] | undefined {
  const rest = space.map((axis, i) => ({ axis, stride: sizeOf(sumOf(strides[i]!)) }));
  const ordered: Axis[] = [];
  for (let stride: Size = 1; rest.length > 0;) {
    const next = rest.findIndex(
      (x) => x.axis.extent === 1 || (x.stride !== undefined && sizesEqual(x.stride, stride)),
    );
    if (next < 0) return undefined;
    const { axis } = rest.splice(next, 1)[0]!;
    ordered.unshift(axis);
    stride = multiplySizes(stride, axis.extent);
  }
  return ordered;
}

function agree(a: WordOrder, b: WordOrder): boolean {
  const names = (order: WordOrder): string => order.axes.map(({ name }) => name).join();
  return a.lanes === b.lanes && names(a) === names(b) && sizeKey(a.base) === sizeKey(b.base);
}

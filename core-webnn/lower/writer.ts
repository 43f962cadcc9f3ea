/**
 * Writes one kernel: turns "element of this value at this index" into an expression over the kernel's
 * buffers, computing virtual values in place.
 */
import {
  axisAddress,
  constant,
  floorDivAddress,
  linearAddress,
  reshapeIndex,
  sizeAddress,
} from "../kernel/address.ts";

import { cast, load, local as readLocal, narrow, valueTypeOf } from "../kernel/expr.ts";
import type { Address, Axis, BufferUse, Expr, Local, Stmt } from "../kernel/ir.ts";
import type { Value } from "../graph/ir.ts";
import type { Descriptor, Read } from "../ops/row.ts";
import type { StorageType } from "../util/data-type.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { divideExactly, floorDivideSizes, productOf, sizesEqual, type Size } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { shortConstant } from "./literals.ts";
import { isView, type Member, type Roots } from "./roots.ts";
import { countReferences } from "./references.ts";

export interface Let {
  readonly local: Local;
  readonly value: Expr;
}

/** What all kernels of one lowering ask. */
export interface Lowering {
  readonly roots: Roots;
  readonly isVirtual: (root: Value) => boolean;
  /** The storage that holds a root which is not virtual. */
  readonly storageOf: (root: Value) => number;
  /** A new storage for what one kernel leaves to another. */
  readonly temporary: (dataType: StorageType, elementCount: Size) => number;
  /** Whether the storage is a constant's. */
  readonly isConstant: (storage: number) => boolean;
  readonly facts: DeviceFacts;
}

export type Reader = (index: readonly Address[], lets?: Let[]) => Expr;

export interface KernelWriter {
  /** Axes and addresses for dimensions; one of size 1 needs no axis: its address is 0. */
  readonly axes: (
    sizes: readonly Size[],
    prefix: string,
  ) => { readonly axes: readonly Axis[]; readonly at: readonly Address[] };
  readonly local: (type: Local["type"], prefix: string) => Local;
  /** The element of a value; shared parts become locals in `lets` where that is given. */
  readonly element: (value: Descriptor, index: readonly Address[], lets?: Let[]) => Expr;
  /** The output of a scalar or index node, computed here whether it is stored elsewhere or not. */
  readonly compute: (
    member: Member,
    output: number,
    index: readonly Address[],
    lets?: Let[],
  ) => Expr;
  /** From now on this kernel reads the value so. */
  readonly bind: (value: Value, read: Reader) => void;
  /** The number in this kernel of the buffer that is this storage. */
  readonly buffer: (storage: number, use: BufferUse) => number;
  /** The buffer that a value is stored in; what it held before is what this kernel stored there. */
  readonly output: (value: Value) => number;
  readonly store: (value: Value, index: readonly Address[], x: Expr) => Stmt;
  readonly buffers: () => readonly BufferUse[];
  readonly storages: () => readonly number[];
}

export function writeKernel(lowering: Lowering): KernelWriter {
  const { roots, isVirtual, storageOf } = lowering;
  const uses: BufferUse[] = [];
  const storages: number[] = [];
  const bound = new Map<number, Reader>();
  const counts = new Map<string, number>();
  const nextName = (prefix: string): string => {
    const n = counts.get(prefix) ?? 0;
    counts.set(prefix, n + 1);
    return `${prefix}${n}`;
  };

  const writer: KernelWriter = {
    axes: (sizes, prefix) => newAxes(sizes, () => nextName(prefix)),
    local: (type, prefix) => ({ name: nextName(prefix), type }),
    element(descriptor, index, lets) {
      const value = descriptor as Value;
      const known = shortConstant(value) ?? bound.get(value.id)?.(index, lets);
      if (known !== undefined) return known;
      const root = roots.rootOf(value);
      if (!isVirtual(root) && !bound.has(root.id)) {
        const use: BufferUse = { ...storageUse(root), access: "read" };
        const buffer = writer.buffer(storageOf(root), use);
        return load(valueTypeOf(value.dataType), buffer, linearAddress(index, value.shape));
      }
      if (root.id !== value.id) {
        return writer.element(root, reshapeIndex(index, value.shape, root.shape), lets);
      }
      const member = roots.producerOf(value) ?? unreachable(`value ${value.id} has no producer`);
      return writer.compute(member, member.outputs.indexOf(value), index, lets);
    },
    compute: (member, output, index, lets) => computeElement(writer, member, output, index, lets),
    bind: (value, read) => void bound.set(value.id, read),
    buffer(storage, use) {
      const known = storages.indexOf(storage);
      if (known >= 0) return known;
      storages.push(storage);
      uses.push(use);
      return uses.length - 1;
    },
    output(value) {
      const root = roots.rootOf(value);
      return writer.buffer(storageOf(root), { ...storageUse(root), access: "write" });
    },
    store: (value, index, x) => ({
      kind: "store",
      buffer: writer.output(value),
      address: linearAddress(index, value.shape),
      value: x,
    }),
    buffers: () => uses,
    storages: () => storages,
  };
  return writer;
}

function newAxes(sizes: readonly Size[], nextName: () => string): ReturnType<KernelWriter["axes"]> {
  const axes: Axis[] = [];
  const at = sizes.map((extent) => {
    if (extent === 1) return constant(0);
    const axis = { name: nextName(), extent };
    axes.push(axis);
    return axisAddress(axis);
  });
  return { axes, at };
}

function storageUse({ dataType, shape }: Value): Omit<BufferUse, "access"> {
  return { dataType, elementCount: productOf(shape) };
}

function computeElement(
  writer: KernelWriter,
  member: Member,
  output: number,
  index: readonly Address[],
  lets: Let[] | undefined,
): Expr {
  const { row, args, outputs } = member;
  const { dataType, shape } = outputs[output]!;
  if (row.lower.kind === "index") {
    // No locals: what is read under a guard must not be computed outside it.
    const inner = isView(member) ? lets : undefined;
    const read: Read = (operand, at) => writer.element(operand, at, inner);
    return row.lower.value(read, index, args, outputs, output);
  }
  if (row.lower.kind !== "scalar") return unreachable(`${row.name} is computed in its own kernel`);
  const { value, operandIndex, blockwise } = row.lower;
  const x: Record<string, Expr> = {};
  for (const [name, arg] of Object.entries(row.declared)) {
    const operand = args[name] as Descriptor | undefined;
    if (arg.kind !== "operand" || operand === undefined) continue;
    const at =
      operandIndex?.(name, index, args) ??
      broadcastIndex(index, shape, operand.shape, blockwise === true);
    x[name] = writer.element(operand, at, lets);
  }
  const result = value(
    shareRepeated(writer, x, (y) => value(y, args, outputs), lets),
    args,
    outputs,
  );
  const typed = result.type === "bool" ? cast(valueTypeOf(dataType), result) : result;
  return dataType === "int8" || dataType === "uint8" ? narrow(dataType, typed) : typed;
}

/** Gives operands that the result mentions several times a local, so that they are computed once. */
function shareRepeated(
  writer: KernelWriter,
  x: Readonly<Record<string, Expr>>,
  value: (x: Readonly<Record<string, Expr>>) => Expr,
  lets: Let[] | undefined,
): Readonly<Record<string, Expr>> {
  if (lets === undefined) return x;
  const counts = countReferences(value(x), Object.values(x));
  const shared: Record<string, Expr> = {};
  for (const [name, expr] of Object.entries(x)) {
    const trivial = expr.kind === "const" || expr.kind === "local";
    if (trivial || counts.get(expr)! < 2) {
      shared[name] = expr;
      continue;
    }
    const local = writer.local(expr.type, "t");
    lets.push({ local, value: expr });
    shared[name] = readLocal(local);
  }
  return shared;
}

/** Dimensions align at the end; a dimension of 1 repeats, and one that divides the output's repeats blockwise. */
export function broadcastIndex(
  index: readonly Address[],
  shape: readonly Size[],
  operand: readonly Size[],
  isBlockwise: boolean,
): readonly Address[] {
  const skip = shape.length - operand.length;
  return operand.map((size, d) => {
    const at = index[d + skip]!;
    const full = shape[d + skip]!;
    if (size === 1 && full !== 1) return constant(0);
    if (sizesEqual(size, full)) return at;
    const block =
      divideExactly(full, size) ?? (isBlockwise ? floorDivideSizes(full, size) : undefined);
    // Without a block the sizes are equal, or dispatch refuses them.
    return block === undefined || block === 1 ? at : floorDivAddress(at, sizeAddress(block));
  });
}

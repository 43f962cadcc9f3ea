/** One kernel for one stored value: each point of its space computes one element. */
import type { Address, Expr, Reduce, Stmt } from "../kernel/ir.ts";
import { linearAddress } from "../kernel/address.ts";
import { guard, local as readLocal } from "../kernel/expr.ts";
import type { Value } from "../graph/ir.ts";
import type { Reduction } from "../ops/row.ts";
import { sharesBytes } from "../util/data-type.ts";
import { productOf } from "../util/size.ts";
import { reductionOf } from "./groups.ts";
import { finishKernel, type LoweredKernel } from "./lowered-kernel.ts";
import { lowerPairs } from "./map-pairs.ts";
import type { Member } from "./roots.ts";
import { writeKernel, type KernelWriter, type Let, type Lowering } from "./writer.ts";

/** A scalar or index node's output. */
export function lowerMap(lowering: Lowering, member: Member, output: number): LoweredKernel {
  const writer = writeKernel(lowering);
  const value = member.outputs[output]!;
  if (sharesBytes(value.dataType)) {
    const element = (at: readonly Address[]): Expr => writer.compute(member, output, at);
    return lowerPairs(writer, value, lowering.storageOf(value), element, [member]);
  }
  const { axes, at } = writer.axes(value.shape, "i");
  const lets: Let[] = [];
  const x = writer.compute(member, output, at, lets);
  return finishKernel(writer, axes, [...letStmts(lets), writer.store(value, at, x)], [member]);
}

/** A copy of a value to an output that is not its own storage. */
export function lowerCopy(lowering: Lowering, from: Value, storage: number): LoweredKernel {
  const writer = writeKernel(lowering);
  if (sharesBytes(from.dataType)) {
    return lowerPairs(writer, from, storage, (at) => writer.element(from, at), []);
  }
  const { axes, at } = writer.axes(from.shape, "i");
  const value = writer.element(from, at);
  const elementCount = productOf(from.shape);
  const use = { dataType: from.dataType, elementCount, access: "write" } as const;
  const buffer = writer.buffer(storage, use);
  const store = { kind: "store", buffer, address: linearAddress(at, from.shape), value } as const;
  return finishKernel(writer, axes, [store], []);
}

/** A reduction by itself: over a window, or one that no nest took. */
export function lowerReduction(lowering: Lowering, member: Member): LoweredKernel {
  const writer = writeKernel(lowering);
  const value = member.outputs[0]!;
  const { axes, at } = writer.axes(value.shape, "i");
  const reduction = reductionOf(member)!;
  const points = writer.axes(reduction.extents, "k");
  const lets: Let[] = [];
  const x = reduction.element((v, i) => writer.element(v, i, undefined), at, points.at);
  const { stmt, state } = reduceStmt(
    writer,
    [{ reduction, x, point: points.at }],
    points.axes,
    lets,
  );
  const inside = reduction.inside?.(at, points.at);
  const guarded =
    inside === undefined
      ? stmt
      : { ...stmt, map: stmt.map.map((y, i) => guard(inside, y, stmt.init[i]!)) };
  const finished = reduction.finish(state[0]!, at, (v, i) => writer.element(v, i));
  return finishKernel(writer, axes, [guarded, writer.store(value, at, finished)], [member]);
}

/** Several reductions over the same points as one statement; `state` are each one's locals after it. */
export function reduceStmt(
  writer: KernelWriter,
  parts: readonly {
    readonly reduction: Reduction;
    readonly x: Expr;
    readonly point: readonly Address[];
  }[],
  axes: Reduce["axes"],
  lets: readonly Let[],
): { stmt: Reduce; state: (readonly Expr[])[] } {
  const made = parts.map(({ reduction, x, point }) => {
    const state = reduction.types.map((type) => writer.local(type, "s"));
    const incoming = reduction.types.map((type) => writer.local(type, "x"));
    const read = state.map(readLocal);
    return {
      state,
      incoming,
      read,
      init: reduction.init,
      map: reduction.map(x, point),
      combine: reduction.combine(read, incoming.map(readLocal)),
    };
  });
  return {
    stmt: {
      kind: "reduce",
      axes,
      lets,
      state: made.flatMap(({ state }) => state),
      incoming: made.flatMap(({ incoming }) => incoming),
      init: made.flatMap(({ init }) => init),
      map: made.flatMap(({ map }) => map),
      combine: made.flatMap(({ combine }) => combine),
    },
    state: made.map(({ read }) => read),
  };
}

export function letStmts(lets: readonly Let[]): readonly Stmt[] {
  return lets.map(({ local, value }) => ({ kind: "let", local, value }));
}

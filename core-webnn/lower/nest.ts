/**
 * One kernel for a nest: for each row, its reductions level by level, then one loop that stores.
 *
 * A value of the nest's whole shape (inner) is computed again in each loop that reads it; a value per
 * row (outer) is a local. Reductions that do not wait for each other share one pass over the row.
 */
import { constant } from "../kernel/address.ts";
import { local as readLocal } from "../kernel/expr.ts";
import type { Address, Expr, Stmt } from "../kernel/ir.ts";
import type { Value } from "../graph/ir.ts";
import { isInner, reductionOf, type Nest } from "./groups.ts";
import { finishKernel, type LoweredKernel } from "./lowered-kernel.ts";
import { letStmts, reduceStmt } from "./map.ts";
import type { Member, Roots } from "./roots.ts";
import { writeKernel, type KernelWriter, type Let, type Lowering } from "./writer.ts";

export function lowerNest(lowering: Lowering, nest: Nest): LoweredKernel {
  const writer = writeKernel(lowering);
  const levels = levelsOf(lowering.roots, nest);
  const space = writer.axes(
    nest.shape.filter((_, d) => !nest.axes.includes(d)),
    "i",
  );
  nest.members.filter((m) => isInnerMember(nest, m)).forEach((m) => bindInner(writer, m));
  const body: Stmt[] = [];
  for (let level = 0; level <= Math.max(...levels.values()); level++) {
    const here = nest.members.filter((m) => levels.get(m) === level);
    body.push(...reductionsOf(writer, nest, space.at, here));
    const scalars = here.filter((m) => m.row.lower.kind === "scalar" && !isInnerMember(nest, m));
    for (const member of scalars) body.push(...outerScalar(writer, nest, space.at, member));
  }
  for (const member of nest.members) {
    const value = member.outputs[0]!;
    if (isInnerMember(nest, member) || !isReadOutside(lowering.roots, nest, value)) continue;
    const at = outerIndex(nest, space.at, value);
    body.push(writer.store(value, at, writer.element(value, at)));
  }
  body.push(...innerStores(lowering, writer, nest, space.at));
  return finishKernel(writer, space.axes, body, nest.members);
}

/** How many reductions must be finished before a member can be computed. */
function levelsOf(roots: Roots, nest: Nest): ReadonlyMap<Member, number> {
  const levels = new Map<Member, number>();
  const inside = new Set(nest.members);
  for (const member of nest.members) {
    const sources = member.operands
      .map(roots.producerOf)
      .filter((m) => m !== undefined && inside.has(m));
    const before = Math.max(0, ...sources.map((m) => levels.get(m!)!));
    levels.set(member, member.row.lower.kind === "reduce" ? before + 1 : before);
  }
  return levels;
}

function isInnerMember(nest: Nest, { row, outputs }: Member): boolean {
  return row.lower.kind === "scalar" && isInner(nest, outputs[0]!.shape);
}

/** Bound to its own computation: an inner value is never read from memory inside its nest. */
function bindInner(writer: KernelWriter, member: Member): void {
  writer.bind(member.outputs[0]!, (index, lets) => writer.compute(member, 0, index, lets));
}

function reductionsOf(
  writer: KernelWriter,
  nest: Nest,
  space: readonly Address[],
  here: readonly Member[],
): readonly Stmt[] {
  const reductions = here.filter((m) => m.row.lower.kind === "reduce");
  if (reductions.length === 0) return [];
  const { axes, at } = writer.axes(
    nest.axes.map((d) => nest.shape[d]!),
    "k",
  );
  const lets: Let[] = [];
  const index = innerIndex(nest, space, at);
  const cache = new Map<Value, Expr>();
  const parts = reductions.map((member) => {
    const reduction = reductionOf(member)!;
    const { input, axes: order } = reduction.whole!;
    const x = cache.get(input as Value) ?? shared(writer, writer.element(input, index, lets), lets);
    cache.set(input as Value, x);
    return { reduction, x, point: order.map((d) => at[nest.axes.indexOf(d)]!) };
  });
  const { stmt, state } = reduceStmt(writer, parts, axes, lets);
  const after = reductions.flatMap((member, i) => {
    const value = parts[i]!.reduction.finish(
      state[i]!,
      outerIndex(nest, space, member.outputs[0]!),
      (operand, at) => writer.element(operand, at),
    );
    return bindOuter(writer, member, value);
  });
  return [stmt, ...after];
}

function shared(writer: KernelWriter, x: Expr, lets: Let[]): Expr {
  if (x.kind === "local" || x.kind === "const") return x;
  const local = writer.local(x.type, "t");
  lets.push({ local, value: x });
  return readLocal(local);
}

function outerScalar(
  writer: KernelWriter,
  nest: Nest,
  space: readonly Address[],
  member: Member,
): readonly Stmt[] {
  const lets: Let[] = [];
  const x = writer.compute(member, 0, outerIndex(nest, space, member.outputs[0]!), lets);
  return [...letStmts(lets), ...bindOuter(writer, member, x)];
}

function bindOuter(writer: KernelWriter, member: Member, value: Expr): readonly Stmt[] {
  const local = writer.local(value.type, "r");
  writer.bind(member.outputs[0]!, () => readLocal(local));
  return [{ kind: "let", local, value }];
}

function innerStores(
  lowering: Lowering,
  writer: KernelWriter,
  nest: Nest,
  space: readonly Address[],
): readonly Stmt[] {
  const stored = nest.members.filter(
    (m) => isInnerMember(nest, m) && isReadOutside(lowering.roots, nest, m.outputs[0]!),
  );
  if (stored.length === 0) return [];
  const { axes, at } = writer.axes(
    nest.axes.map((d) => nest.shape[d]!),
    "k",
  );
  const lets: Let[] = [];
  const index = innerIndex(nest, space, at);
  const stores = stored.map(({ outputs: [value] }) => {
    const x = shared(writer, writer.element(value!, index, lets), lets);
    writer.bind(value!, () => x); // Later stores of this loop read it.
    return writer.store(value!, index, x);
  });
  return [{ kind: "loop", axes, body: [...letStmts(lets), ...stores] }];
}

/** Whether anything but the nest reads the value: then it needs bytes. */
export function isReadOutside(roots: Roots, nest: Nest, value: Value): boolean {
  if (roots.outputNamesOf(value).length > 0) return true;
  return roots.readersOf(value).some((reader) => !nest.members.includes(reader));
}

function innerIndex(
  nest: Nest,
  space: readonly Address[],
  at: readonly Address[],
): readonly Address[] {
  const outer = [...space];
  return nest.shape.map((_, d) => {
    const k = nest.axes.indexOf(d);
    return k >= 0 ? at[k]! : outer.shift()!;
  });
}

function outerIndex(nest: Nest, space: readonly Address[], value: Value): readonly Address[] {
  if (value.shape.length !== nest.shape.length) return space;
  return innerIndex(
    nest,
    space,
    nest.axes.map(() => constant(0)),
  );
}

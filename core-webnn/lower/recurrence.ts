/** One kernel for a node that runs in steps: a point of its space is a point of the batch. */
import { axisAddress } from "../kernel/address.ts";
import { binary, constantOf, local as readLocal } from "../kernel/expr.ts";
import type { Address, Axis, Expr, Reduce, Stmt } from "../kernel/ir.ts";
import type { Phase, Read, Share } from "../ops/row.ts";
import { unreachable } from "../util/unreachable.ts";
import { finishKernel, type LoweredKernel } from "./lowered-kernel.ts";
import { letStmts } from "./map.ts";
import type { Member } from "./roots.ts";
import { writeKernel, type KernelWriter, type Let, type Lowering } from "./writer.ts";

export function lowerRecurrence(lowering: Lowering, member: Member): LoweredKernel {
  const { row, args, outputs } = member;
  if (row.lower.kind !== "scan") return unreachable(`${row.name} has no steps`);
  const { batch, steps, first, each } = row.lower.of(args, outputs);
  const writer = writeKernel(lowering);
  // Before anything reads them.
  outputs.forEach(writer.output);
  const space = writer.axes(batch, "i");
  const axis: Axis = { name: "step", extent: steps };
  const read: Read = (operand, index) => writer.element(operand, index);
  const toStmts = (phases: readonly Phase[]): readonly Stmt[] =>
    phases.flatMap((phase) => phaseStmts(writer, member, phase));
  const body: readonly Stmt[] = [
    ...toStmts(first(read, space.at)),
    { kind: "scan", axis, body: toStmts(each(read, space.at, axisAddress(axis))) },
  ];
  return finishKernel(writer, space.axes, body, [member]);
}

function phaseStmts(writer: KernelWriter, { outputs }: Member, phase: Phase): readonly Stmt[] {
  const { axes, at } = writer.axes(phase.extents, "j");
  const body: Stmt[] = [];
  const sums = sumsOf(writer, phase, at, body);
  const lets: Let[] = [];
  const share = sharing(writer, lets);
  const writes = phase
    .writes(at, sums, share)
    .map((write) => ({ ...write, value: share(write.value) }));
  body.push(...letStmts(lets));
  for (const { output, index, value } of writes) {
    body.push(writer.store(outputs[output]!, index, value));
  }
  return axes.length === 0 ? body : [{ kind: "loop", axes, body }];
}

/** Adds the statement that computes the sums, if there are any. */
function sumsOf(
  writer: KernelWriter,
  { sums }: Phase,
  at: readonly Address[],
  body: Stmt[],
): readonly Expr[] {
  if (sums === undefined) return [];
  const points = writer.axes(sums.over, "k");
  const map = sums.terms(at, points.at);
  const state = map.map(({ type }) => writer.local(type, "s"));
  const incoming = map.map(({ type }) => writer.local(type, "x"));
  const reduce: Reduce = {
    kind: "reduce",
    axes: points.axes,
    lets: [],
    state,
    incoming,
    init: map.map(({ type }) => constantOf(type, 0)),
    map,
    combine: state.map((sum, i) => binary("add", readLocal(sum), readLocal(incoming[i]!))),
  };
  body.push(reduce);
  return state.map(readLocal);
}

function sharing(writer: KernelWriter, lets: Let[]): Share {
  return (x) => {
    if (x.kind === "local" || x.kind === "const") return x;
    const local = writer.local(x.type, "t");
    lets.push({ local, value: x });
    return readLocal(local);
  };
}

/**
 * From a graph whose nodes have no decompositions left to kernels over storages.
 *
 * Kernels are written on demand, from the outputs backwards: a kernel that reads a stored value asks
 * for the kernel that stores it. `plan/` puts them in order.
 */
import type { Graph, Value } from "../graph/ir.ts";
import type { StorageType } from "../util/data-type.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { productOf, type Size } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { lowerContraction } from "./contraction.ts";
import { findGroups, membersOf, type Group } from "./groups.ts";
import type { LoweredKernel } from "./lowered-kernel.ts";
import { lowerCopy, lowerMap, lowerReduction } from "./map.ts";
import { lowerNest } from "./nest.ts";
import { findVirtual } from "./placement.ts";
import { lowerRecurrence } from "./recurrence.ts";
import { findRoots, isView, type Member, type Roots } from "./roots.ts";
import type { Lowering } from "./writer.ts";

export interface Storage {
  readonly dataType: StorageType;
  readonly elementCount: Size;
  readonly from:
    | { readonly kind: "input" | "output"; readonly name: string }
    | { readonly kind: "constant"; readonly key: string }
    | { readonly kind: "computed" };
}

export interface Lowered {
  readonly storages: readonly Storage[];
  readonly kernels: readonly LoweredKernel[];
}

export function lower(graph: Graph, facts: DeviceFacts): Lowered {
  const roots = findRoots(graph);
  const groups = findGroups(roots);
  const work = startWork(roots, groups, facts);
  for (const { name, value } of graph.outputs) {
    const output = graph.values[value]!;
    const root = roots.rootOf(output);
    // The first output that shares a computed root is its storage; further ones are copies.
    const owned = root.from.kind === "node" && roots.outputNamesOf(root)[0] === name;
    if (owned) work.lowering.storageOf(root);
    else work.kernels.push(lowerCopyTo(work, output, name));
  }
  for (let root = work.wanted.pop(); root !== undefined; root = work.wanted.pop()) {
    work.kernels.push(...kernelsFor(work, root));
  }
  return { storages: work.storages, kernels: work.kernels };
}

interface Work {
  readonly roots: Roots;
  readonly groups: ReadonlyMap<number, Group>;
  readonly lowering: Lowering;
  readonly storages: Storage[];
  readonly kernels: LoweredKernel[];
  /** Stored roots whose kernel is still to be written. */
  readonly wanted: Value[];
  /** Values computed in place until a kernel had too many buffers. */
  readonly virtual: Set<number>;
  /** Groups, and nodes that write all their outputs in one kernel. */
  readonly written: Set<Group | Member>;
  /** Groups that gave members back to kernels of their own, by what they were. */
  readonly shortened: Map<Group, Group>;
}

function startWork(roots: Roots, groups: ReadonlyMap<number, Group>, facts: DeviceFacts): Work {
  const storages: Storage[] = [];
  const byRoot = new Map<number, number>();
  const wanted: Value[] = [];
  const virtual = new Set(findVirtual(roots, groups));
  const inputs = new Map(roots.graph.inputs.map(({ name, value }) => [value, name]));
  const add = (storage: Storage): number => storages.push(storage) - 1;
  const storageOf = (root: Value): number => {
    const known = byRoot.get(root.id);
    if (known !== undefined) return known;
    const { dataType, shape, from } = root;
    const elementCount = productOf(shape);
    const place = (): Storage["from"] => {
      if (from.kind === "input") return { kind: "input", name: inputs.get(root.id)! };
      if (from.kind === "constant") return { kind: "constant", key: from.key };
      const [output] = roots.outputNamesOf(root);
      return output === undefined ? { kind: "computed" } : { kind: "output", name: output };
    };
    const id = add({ dataType, elementCount, from: place() });
    byRoot.set(root.id, id);
    if (from.kind === "node") wanted.push(root);
    return id;
  };
  const lowering: Lowering = {
    roots,
    facts,
    storageOf,
    isVirtual: ({ id, from }) => virtual.has(id) || from.kind === "literal",
    temporary: (dataType, elementCount) =>
      add({ dataType, elementCount, from: { kind: "computed" } }),
    isConstant: (storage) => storages[storage]!.from.kind === "constant",
  };
  const written = new Set<Group | Member>();
  const shortened = new Map<Group, Group>();
  return { roots, groups, lowering, storages, kernels: [], wanted, virtual, written, shortened };
}

function lowerCopyTo(work: Work, from: Value, name: string): LoweredKernel {
  const { dataType, shape } = from;
  const elementCount = productOf(shape);
  const storage =
    work.storages.push({ dataType, elementCount, from: { kind: "output", name } }) - 1;
  return lowerCopy(work.lowering, from, storage);
}

function kernelsFor(work: Work, root: Value): readonly LoweredKernel[] {
  const member = work.roots.producerOf(root) ?? unreachable("only computed roots are wanted");
  const group = work.groups.get(member.index);
  if (group !== undefined && work.written.has(group) && inGroup(work, group, member)) return [];
  for (;;) {
    if (group === undefined || !inGroup(work, group, member)) {
      return work.written.has(member) ? [] : [nodeKernel(work, member, root)];
    }
    const current = currentOf(work, group);
    const kernels = groupKernels(work, current);
    const smaller = kernels.every((kernel) => fitsDevice(work, kernel))
      ? undefined
      : shorten(work, current);
    if (smaller === undefined) {
      work.written.add(group);
      return kernels;
    }
    work.shortened.set(group, smaller);
  }
}

function groupKernels({ lowering }: Work, group: Group): readonly LoweredKernel[] {
  return group.kind === "nest" ? [lowerNest(lowering, group)] : lowerContraction(lowering, group);
}

function currentOf({ shortened }: Work, group: Group): Group {
  return shortened.get(group) ?? group;
}

function inGroup(work: Work, group: Group, member: Member): boolean {
  return membersOf(currentOf(work, group)).includes(member);
}

function nodeKernel(work: Work, member: Member, root: Value): LoweredKernel {
  const { kind } = member.row.lower;
  if (kind === "scan") work.written.add(member);
  const kernel =
    kind === "scan"
      ? lowerRecurrence(work.lowering, member)
      : kind === "reduce"
        ? lowerReduction(work.lowering, member)
        : lowerMap(work.lowering, member, member.outputs.indexOf(root));
  const isSmaller = !fitsDevice(work, kernel) && storeOperands(work, [member]);
  return isSmaller ? nodeKernel(work, member, root) : kernel;
}

/** The same with fewer buffers: what it computes in place is stored first, then its last members go. */
function shorten(work: Work, group: Group): Group | undefined {
  if (group.kind === "nest") {
    if (storeOperands(work, group.members)) return group;
    return group.members.length === 1
      ? undefined
      : { ...group, members: group.members.slice(0, -1) };
  }
  if (group.epilogue.length > 0) return { ...group, epilogue: withoutLast(group.epilogue) };
  if (storeOperands(work, decodesBehind(work.roots, group.contract))) return group;
  return group.decodesFirst ? undefined : { ...group, decodesFirst: true };
}

/** A view cannot be the last: its bytes are those of what comes before it. */
function withoutLast(epilogue: readonly Member[]): readonly Member[] {
  const rest = epilogue.slice(0, -1);
  return rest.slice(0, rest.findLastIndex((member) => !isView(member)) + 1);
}

/** The contraction and all that its operands are computed from in place. */
function decodesBehind(roots: Roots, member: Member): readonly Member[] {
  const operands = operandRoots(roots, member).flatMap((root) => roots.producerOf(root) ?? []);
  const behind = operands.filter(({ row }) => row.role === "decode" || row.lower.kind === "index");
  return [member, ...behind.flatMap((source) => decodesBehind(roots, source))];
}

/** Gives operands that were computed in place bytes of their own; false where there were none. */
function storeOperands({ roots, virtual }: Work, members: readonly Member[]): boolean {
  const inPlace = members
    .flatMap((member) => operandRoots(roots, member))
    .filter(({ id }) => virtual.delete(id));
  return inPlace.length > 0;
}

function operandRoots(roots: Roots, { operands }: Member): readonly Value[] {
  return operands.map(roots.rootOf);
}

function fitsDevice({ lowering }: Work, { kernel }: LoweredKernel): boolean {
  return kernel.buffers.length <= lowering.facts.maxBuffersPerKernel;
}

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
import { findGroups, type ContractGroup, type Group } from "./groups.ts";
import type { LoweredKernel } from "./lowered-kernel.ts";
import { lowerCopy, lowerMap, lowerReduction } from "./map.ts";
import { lowerNest } from "./nest.ts";
import { findVirtual } from "./placement.ts";
import { findRoots, type Member, type Roots } from "./roots.ts";
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
  readonly written: Set<Group>;
  readonly shortened: Map<ContractGroup, ContractGroup>;
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
  const written = new Set<Group>();
  const shortened = new Map<ContractGroup, ContractGroup>();
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
  const { roots, groups } = work;
  const member = roots.producerOf(root) ?? unreachable("only computed roots are wanted");
  const group = groups.get(member.index);
  if (group?.kind === "contract") return contractKernels(work, group, member, root);
  if (group?.kind === "nest") {
    if (work.written.has(group)) return [];
    work.written.add(group);
    return [within(work, group.members, () => lowerNest(work.lowering, group))];
  }
  return [mapKernel(work, member, root)];
}

function mapKernel(work: Work, member: Member, root: Value): LoweredKernel {
  const write = (): LoweredKernel =>
    member.row.lower.kind === "reduce"
      ? lowerReduction(work.lowering, member)
      : lowerMap(work.lowering, member, member.outputs.indexOf(root));
  return within(work, [member], write);
}

/** A contraction gives its epilogue's last nodes back to kernels of their own until its buffers fit. */
function contractKernels(
  work: Work,
  group: ContractGroup,
  member: Member,
  root: Value,
): readonly LoweredKernel[] {
  let current = work.shortened.get(group) ?? group;
  const isLast = (g: ContractGroup): boolean => (g.epilogue.at(-1) ?? g.contract) === member;
  if (!isLast(current)) return [mapKernel(work, member, root)];
  for (;;) {
    const kernels = lowerContraction(work.lowering, current);
    const fits = kernels.every((kernel) => fitsDevice(work, kernel));
    if (fits || current.epilogue.length === 0) return kernels;
    current = { ...current, epilogue: current.epilogue.slice(0, -1) };
    work.shortened.set(group, current);
    if (!isLast(current)) return [mapKernel(work, member, root)];
  }
}

/** Stores operands that were computed in place when a kernel has more buffers than the device allows. */
function within(work: Work, members: readonly Member[], write: () => LoweredKernel): LoweredKernel {
  const kernel = write();
  if (fitsDevice(work, kernel)) return kernel;
  const operands = members.flatMap((m) => Object.values(m.node.operands).flat() as number[]);
  const roots = operands.map((id) => work.roots.rootOf(work.roots.graph.values[id]!));
  const inPlace = roots.filter(({ id }) => work.virtual.delete(id));
  return inPlace.length === 0 ? kernel : within(work, members, write);
}

function fitsDevice({ lowering }: Work, { kernel }: LoweredKernel): boolean {
  return kernel.buffers.length <= lowering.facts.maxBuffersPerKernel;
}

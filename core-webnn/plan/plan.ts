/**
 * From kernels over storages to a program: drops what no output needs, puts kernels in order, and
 * moves those that read constants only into `prepare`, where they run once.
 */
import { printKernel } from "../kernel/print.ts";
import { visitSizes } from "../kernel/visit.ts";
import type { Graph } from "../graph/ir.ts";
import type { Lowered, Storage } from "../lower/lower.ts";
import type { LoweredKernel } from "../lower/lowered-kernel.ts";
import { namesIn } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import type { BufferSpec, Place, Port, Program, Step } from "./program.ts";

export function planProgram(graph: Graph, { storages, kernels }: Lowered): Program {
  const ordered = shareEqualKernels(storages, inOrder(storages, kernels));
  const prepared = preparedKeys(storages, ordered);
  const used = usedStorages(storages, ordered);
  const numbers = new Map(used.map((storage, i) => [storage, i]));
  const buffers = used.map((storage): BufferSpec => {
    const { dataType, elementCount } = storages[storage]!;
    return { dataType, elementCount, place: placeOf(storages[storage]!, prepared.get(storage)) };
  });
  const step = ({ kernel, storages: operands, nodes }: LoweredKernel): Step => ({
    kernel,
    buffers: operands.map((storage) => numbers.get(storage)!),
    nodes,
  });
  const isPrepared = (kernel: LoweredKernel): boolean =>
    written(kernel).every((storage) => prepared.has(storage));
  const portsOf = (kind: "input" | "output", named: Graph["inputs"]): readonly Port[] =>
    named.flatMap(({ name, value }) => {
      const buffer = buffers.findIndex(({ place }) => place.kind === kind && place.name === name);
      const { dataType, shape } = graph.values[value]!;
      return buffer < 0 ? [] : [{ name, buffer, dataType, shape }];
    });
  return {
    buffers,
    prepare: ordered.filter(isPrepared).map(step),
    steps: ordered.filter((kernel) => !isPrepared(kernel)).map(step),
    inputs: portsOf("input", graph.inputs),
    outputs: portsOf("output", graph.outputs),
    sizeNames: sizeNamesOf(graph),
  };
}

/** Kernels after those that write what they read; what no output needs is left out. */
function inOrder(
  storages: readonly Storage[],
  kernels: readonly LoweredKernel[],
): readonly LoweredKernel[] {
  const writers = new Map<number, LoweredKernel>();
  for (const kernel of kernels) written(kernel).forEach((storage) => writers.set(storage, kernel));
  const ordered: LoweredKernel[] = [];
  const state = new Map<LoweredKernel, "open" | "done">();
  const visit = (kernel: LoweredKernel): void => {
    if (state.get(kernel) === "done") return;
    if (state.get(kernel) === "open") unreachable(`kernels wait for each other: ${kernel.nodes}`);
    state.set(kernel, "open");
    for (const storage of read(kernel)) {
      const writer = writers.get(storage);
      if (writer !== undefined) visit(writer);
      else if (storages[storage]!.from.kind === "computed") unreachable("nothing writes a storage");
    }
    state.set(kernel, "done");
    ordered.push(kernel);
  };
  kernels
    .filter((kernel) => written(kernel).some((s) => storages[s]!.from.kind === "output"))
    .forEach(visit);
  return ordered;
}

/** Kernels that compute what an earlier one has computed are dropped; readers read the earlier one's storage. */
function shareEqualKernels(
  storages: readonly Storage[],
  ordered: readonly LoweredKernel[],
): readonly LoweredKernel[] {
  const earlier = new Map<string, LoweredKernel>();
  const instead = new Map<number, number>();
  return ordered.flatMap((original) => {
    const operands = original.storages.map((storage) => instead.get(storage) ?? storage);
    const kernel = { ...original, storages: operands };
    const key = `${printKernel(kernel.kernel)}(${read(kernel).join()})`;
    const same = earlier.get(key);
    if (same === undefined) {
      earlier.set(key, kernel);
      return [kernel];
    }
    const outputs = written(kernel);
    if (outputs.some((storage) => storages[storage]!.from.kind === "output")) return [kernel];
    outputs.forEach((storage, i) => instead.set(storage, written(same)[i]!));
    return [];
  });
}

function read({ kernel, storages }: LoweredKernel): readonly number[] {
  return storages.filter((_, i) => kernel.buffers[i]!.access === "read");
}

function written({ kernel, storages }: LoweredKernel): readonly number[] {
  return storages.filter((_, i) => kernel.buffers[i]!.access === "write");
}

/**
 * Storages that depend on constants alone, with a key that says how: equal keys hold equal bytes,
 * whatever graph they come from.
 */
function preparedKeys(
  storages: readonly Storage[],
  ordered: readonly LoweredKernel[],
): ReadonlyMap<number, string> {
  const keys = new Map<number, string>();
  for (const kernel of ordered) {
    const sources = read(kernel).map((storage) => {
      const { from } = storages[storage]!;
      return from.kind === "constant" ? from.key : keys.get(storage);
    });
    if (sources.includes(undefined)) continue;
    const outputs = written(kernel);
    if (outputs.some((storage) => storages[storage]!.from.kind !== "computed")) continue;
    if (dependsOnNames(kernel)) continue;
    const text = `${printKernel(kernel.kernel)}(${sources.join(", ")})`;
    outputs.forEach((storage, i) => keys.set(storage, `${text}#${i}`));
  }
  return keys;
}

/** `prepare` runs before any name has a value. */
function dependsOnNames({ kernel }: LoweredKernel): boolean {
  const hasNamedBuffer = kernel.buffers.some(
    ({ elementCount }) => typeof elementCount !== "number",
  );
  let mentionsNames = false;
  visitSizes(kernel, (size) => (mentionsNames ||= typeof size !== "number"));
  return hasNamedBuffer || mentionsNames;
}

function usedStorages(
  storages: readonly Storage[],
  ordered: readonly LoweredKernel[],
): readonly number[] {
  const used = new Set(ordered.flatMap((kernel) => kernel.storages));
  return storages.map((_, i) => i).filter((i) => used.has(i));
}

function placeOf({ from }: Storage, preparedKey: string | undefined): Place {
  if (preparedKey !== undefined) return { kind: "prepared", key: preparedKey };
  return from.kind === "computed" ? { kind: "arena" } : from;
}

function sizeNamesOf(graph: Graph): readonly string[] {
  const names = new Set<string>();
  for (const { shape } of graph.values) {
    for (const size of shape) namesIn(size).forEach((name) => names.add(name));
  }
  return [...names];
}

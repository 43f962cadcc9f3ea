/**
 * Recognises caches of a generation by use: an output that is an input with something appended or written into it is
 * that input's next value, whatever the two are called.
 */
import { subgraphsOf, type Graph, type Model, type Node, type ValueInfo } from "../model/model.ts";
import { controlOf, rowOf } from "../ops/table.ts";

export interface CacheReport {
  /** The input that takes what `present` gave before. */
  readonly past: string;
  readonly present: string;
  /** A growing cache is longer after each run; one of fixed size is written into. */
  readonly kind: "growing" | "fixed";
}

/** How many appends and branches a search goes through: more than any exporter nests. */
const deepest = 6;

export function findCaches({ graph, opsets }: Model): readonly CacheReport[] {
  const producers = producersIn(graph);
  return graph.outputs.flatMap((output) => {
    const search = { opsets, seen: new Set<string>() };
    const found = sourceOf(output.name, producers, search, deepest);
    const past = found && graph.inputs.find(({ name }) => name === found.input);
    if (past === undefined || !isAlike(past, output)) return [];
    const isFixed = hasSameSizes(past, output) ?? found!.isWritten;
    return [{ past: past.name, present: output.name, kind: isFixed ? "fixed" : "growing" }];
  });
}

type Producers = ReadonlyMap<string, Node>;

function producersIn(graph: Graph, outer: Producers = new Map()): Producers {
  const own = graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const));
  return new Map([...outer, ...own]);
}

interface Source {
  readonly input: string;
  /** Written into, rather than appended to. */
  readonly isWritten: boolean;
}

interface Search {
  readonly opsets: Model["opsets"];
  /** Values that the search has come by: it looks at each once. */
  readonly seen: Set<string>;
}

/** The value that `name` is with something added. */
function sourceOf(
  name: string,
  producers: Producers,
  search: Search,
  depth: number,
): Source | undefined {
  const { opsets, seen } = search;
  const moved = originOf(name, producers, opsets);
  const node = producers.get(moved);
  if (node === undefined || depth === 0 || seen.has(moved)) return undefined;
  seen.add(moved);
  const position = node.outputs.indexOf(moved);
  if (controlOf(node) === "if") {
    const branches = subgraphsOf(node).map((branch) =>
      sourceOf(branch.outputs[position]!.name, producersIn(branch, producers), search, depth - 1),
    );
    return branches.find((source) => source !== undefined);
  }
  const row = rowOf(node, opsets);
  const given = (row?.caches ?? []).find(({ present }) => present === position);
  const candidates =
    given !== undefined
      ? [node.inputs[given.past] ?? ""]
      : row?.elements === "appended"
        ? node.inputs
        : row?.elements === "written"
          ? node.inputs.slice(0, 1)
          : [];
  for (const candidate of candidates) {
    const input = originOf(candidate, producers, opsets);
    const isFed = input !== "" && !producers.has(input);
    if (isFed) return { input, isWritten: row?.elements === "written" };
    const further = sourceOf(input, producers, search, depth - 1);
    if (further !== undefined) return further;
  }
  return undefined;
}

/** Follows a value back through nodes that only move its elements. */
function originOf(name: string, producers: Producers, opsets: Model["opsets"]): string {
  for (;;) {
    const node = producers.get(name);
    const elements = node && rowOf(node, opsets)?.elements;
    if (elements !== "copied" && elements !== "moved") return name;
    name = node!.inputs[0] ?? "";
  }
}

function isAlike(past: ValueInfo, present: ValueInfo): boolean {
  const hasType = past.type !== undefined && present.type !== undefined;
  const hasShape = past.shape !== undefined && present.shape !== undefined;
  return (
    (!hasType || past.type === present.type) &&
    (!hasShape || past.shape.length === present.shape.length)
  );
}

/** Whether the model gives both the same sizes; undefined where it does not say. */
function hasSameSizes(past: ValueInfo, present: ValueInfo): boolean | undefined {
  if (past.shape === undefined || present.shape === undefined) return undefined;
  if ([...past.shape, ...present.shape].includes("")) return undefined;
  return past.shape.every((size, axis) => size === present.shape![axis]);
}

/** Makes a failing graph small: drops what the failure does not need, one change at a time. */
import { evaluateGraph, type Arithmetic } from "../reference/bounds.ts";
import {
  callOf,
  isCall,
  isOperand,
  type Call,
  type Leaf,
  type SmallGraph,
} from "../reference/graph.ts";
import { roundTo } from "../reference/ops/tensor.ts";
import { rowNamed } from "../../core-webnn/ops/table.ts";
import { withoutUnused } from "./random-graph.ts";

const mostTries = 200;

/** A smaller graph for which `fails` still holds; it held for the one that is given. */
export async function shrink(
  graph: SmallGraph,
  arithmetic: Arithmetic,
  fails: (graph: SmallGraph) => Promise<boolean>,
): Promise<SmallGraph> {
  let [best, tries] = [graph, 0];
  for (let isSmaller = true; isSmaller && tries < mostTries;) {
    isSmaller = false;
    for (const candidate of candidates(best, arithmetic)) {
      if (++tries > mostTries) break;
      if (!(await fails(candidate))) continue;
      [best, isSmaller] = [candidate, true];
      break;
    }
  }
  return best;
}

function* candidates(graph: SmallGraph, arithmetic: Arithmetic): Generator<SmallGraph> {
  const calls = Object.keys(graph).filter((name) => isCall(graph[name]!));
  // What nobody reads can go; then what a call gave can become a leaf; then options; then numbers.
  for (const name of calls.toReversed()) {
    if (calls.length > 1 && !isRead(graph, name)) yield withoutUnused(without(graph, name));
  }
  const known = evaluateGraph(graph, arithmetic);
  for (const name of calls) {
    const { dataType, shape, values } = known.get(name)!;
    if (!isRead(graph, name) || known.has(`${name}.1`)) continue;
    const stored = values.map((x) => (typeof x === "number" ? roundTo(dataType, x) : x));
    if (dataType.startsWith("int") && stored.some(Number.isNaN)) continue;
    const leaf: Leaf = { leaf: "input", dataType, shape, values: stored };
    yield withoutUnused({ ...graph, [name]: leaf });
  }
  for (const name of calls) {
    const [op, args] = graph[name] as Call;
    const row = rowNamed(op);
    for (const option of Object.keys(args)) {
      if (option in row.args || args[option] === undefined) continue;
      const { [option]: _, ...rest } = args;
      yield withoutUnused({ ...graph, [name]: [op, rest] as const });
    }
    if (isOperand(row, "inputs") && (args["inputs"] as string[]).length > 1) {
      const inputs = (args["inputs"] as string[]).slice(1);
      yield withoutUnused({ ...graph, [name]: [op, { ...args, inputs }] as const });
    }
  }
  yield* plainer(graph);
}

/** Elements that do not matter become 1. */
function* plainer(graph: SmallGraph): Generator<SmallGraph> {
  for (const [name, leaf] of Object.entries(graph)) {
    if (isCall(leaf)) continue;
    const { values } = leaf;
    const one = typeof values[0] === "bigint" ? 1n : 1;
    for (let length = values.length; length >= 1; length = Math.floor(length / 2)) {
      for (let start = 0; start < values.length; start += length) {
        const part = values.slice(start, start + length);
        if (part.every((x) => x === one)) continue;
        const plain = values.map((x, i) => (i >= start && i < start + length ? one : x));
        yield { ...graph, [name]: { ...leaf, values: plain } };
      }
    }
  }
}

function isRead(graph: SmallGraph, call: string): boolean {
  return Object.values(graph).some(
    (statement) =>
      isCall(statement) &&
      Object.values(statement[1])
        .flat()
        .some((value) => typeof value === "string" && callOf(value) === call),
  );
}

function without(graph: SmallGraph, name: string): SmallGraph {
  const { [name]: _, ...rest } = graph;
  return rest;
}

/**
 * Control flow as plans have it: If with its branches, Loop and Scan with their body, and which of their
 * values are asked for.
 */
import type { Unit } from "../convert/convert-unit.ts";
import { usesOf } from "../model/arrange-graph.ts";
import type { Constant, Graph, Model, Node } from "../model/model.ts";
import { controlOf, rowOf } from "../ops/table.ts";
import { makePickingUnit } from "./picking-unit.ts";

/** Nodes to run for outputs. */
export interface Scope {
  readonly nodes: readonly Node[];
  /** Constants in scope. */
  readonly constants: ReadonlyMap<string, Constant>;
  readonly outputs: readonly string[];
}

export interface Body extends Scope {
  readonly graph: Graph;
  /** Nodes of outer graphs that only this body uses, and those of the body itself. */
  readonly nodes: readonly Node[];
  /** It runs many times, so that only shape arithmetic moves into it. */
  readonly isRepeated: boolean;
}

interface AnyControl {
  readonly node: Node;
  /** The branches, or the one body. */
  readonly bodies: readonly Body[];
  /** Names that it needs beside what its bodies take from outside. */
  readonly inputs: readonly string[];
  /** Names of the outputs that are asked for. */
  readonly results: readonly string[];
}

/** Its first body is the branch for true. */
export interface Branching extends AnyControl {
  readonly kind: "if";
  readonly condition: string;
}

/** Loop or Scan. */
export interface Repetition extends AnyControl {
  readonly kind: "loop" | "scan";
  readonly carried: readonly Carried[];
  readonly sliced: readonly Sliced[];
  readonly stacked: readonly Stacked[];
}

/** A value that each iteration gives to the next. */
export interface Carried {
  readonly initial: string;
  /** The body's input, and its output. */
  readonly inside: string;
  readonly next: string;
  /** The name of the last value, where it is asked for. */
  readonly result: string | undefined;
}

/** A tensor of which each iteration sees one element along an axis. */
export interface Sliced {
  /** Which of the node's tensors of this kind it is. */
  readonly position: number;
  readonly outside: string;
  /** The body's input; undefined where nothing that is asked for uses it. */
  readonly inside: string | undefined;
  /** As the model says it: negative ones count from the end. */
  readonly axis: number;
  /** Picks an element on the device. */
  readonly unit: Unit;
}

/** A result that is put together of one part from each iteration. */
export interface Stacked {
  readonly position: number;
  readonly inside: string;
  readonly result: string;
  /** The body's declaration, for no iteration at all. */
  readonly declared: Graph["outputs"][number];
}

export type Control = Branching | Repetition;

/** The node's control flow for the outputs that are asked for. */
export function openControl(
  node: Node,
  isAsked: (name: string) => boolean,
  outer: ReadonlyMap<string, Constant>,
  opsets: Model["opsets"],
): Control {
  if (controlOf(node) === "if") return openBranching(node, isAsked, outer);
  return openRepetition(node, isAsked, outer, opsets);
}

// The model reader has seen that the graphs are there, and take and give as much as their node.
function graphOf(node: Node, name: string): Graph {
  return node.attributes.get(name)!.value as Graph;
}

function openBranching(
  node: Node,
  isAsked: (name: string) => boolean,
  outer: ReadonlyMap<string, Constant>,
): Branching {
  const positions = node.outputs.flatMap((name, i) => (isAsked(name) ? [i] : []));
  const bodies = ["then_branch", "else_branch"].map((side) => {
    const graph = graphOf(node, side);
    return openBody(
      graph,
      outer,
      positions.map((i) => graph.outputs[i]!.name),
      false,
    );
  });
  const condition = node.inputs[0] ?? "";
  const results = positions.map((i) => node.outputs[i]!);
  return { kind: "if", node, bodies, condition, inputs: [condition], results };
}

function openBody(
  graph: Graph,
  outer: ReadonlyMap<string, Constant>,
  outputs: readonly string[],
  isRepeated: boolean,
): Body {
  const constants = new Map([...outer, ...graph.constants]);
  return { graph, nodes: graph.nodes, constants, outputs, isRepeated };
}

function openRepetition(
  node: Node,
  isAsked: (name: string) => boolean,
  outer: ReadonlyMap<string, Constant>,
  opsets: Model["opsets"],
): Repetition {
  const graph = graphOf(node, "body");
  const isLoop = controlOf(node) === "loop";
  const scanned = isLoop ? 0 : (node.attributes.get("num_scan_inputs")!.value as number);
  // Before the carried values: Loop's trip count and condition, and the lengths of Scan in opset 8.
  const first = isLoop ? 2 : node.inputs.length - graph.inputs.length;
  const firstInside = isLoop ? 2 : 0;
  const firstNext = isLoop ? 1 : 0;
  const count = graph.inputs.length - firstInside - scanned;
  const source = followCopies(graph, opsets);
  const next = (i: number) => source(graph.outputs[firstNext + i]!.name);
  const resultOf = (position: number) => {
    const name = node.outputs[position] ?? "";
    return isAsked(name) ? name : undefined;
  };
  const stacked = graph.outputs.slice(firstNext + count).flatMap((declared, position) => {
    const result = resultOf(count + position);
    return result === undefined
      ? []
      : [{ position, inside: source(declared.name), result, declared }];
  });
  const ends = isLoop ? [source(graph.outputs[0]!.name)] : [];
  const always = [...ends, ...stacked.map(({ inside }) => inside)];
  const all = Array.from({ length: count }, (_, i) => ({
    initial: node.inputs[first + i] ?? "",
    inside: graph.inputs[firstInside + i]!.name,
    next: next(i),
    result: resultOf(i),
  }));
  const carried = neededCarried(graph, all, always);
  const outputs = [...always, ...carried.map((value) => value.next)];
  const needed = neededFor(graph, outputs);
  const axes = node.attributes.get("scan_input_axes");
  const sliced = Array.from({ length: scanned }, (_, position) => {
    const { name } = graph.inputs[firstInside + count + position]!;
    const outside = node.inputs[first + count + position] ?? "";
    const axis = axes?.kind === "ints" ? (axes.value[position] ?? 0) : 0;
    const unit = makePickingUnit(`${node.name} ${name}`, axis);
    return { position, outside, inside: needed.has(name) ? name : undefined, axis, unit };
  });
  return {
    kind: isLoop ? "loop" : "scan",
    node,
    bodies: [openBody(graph, outer, outputs, true)],
    inputs: [
      ...node.inputs.slice(0, first),
      ...carried.map(({ initial }) => initial),
      ...sliced.map(({ outside }) => outside),
    ].filter((name) => name !== ""),
    results: [...carried.flatMap(({ result }) => result ?? []), ...stacked.map((s) => s.result)],
    carried,
    sliced,
    stacked,
  };
}

/** Carried values that are asked for, and those that what is needed is computed from. */
function neededCarried(
  graph: Graph,
  all: readonly Carried[],
  always: readonly string[],
): readonly Carried[] {
  let kept = all.filter(({ result }) => result !== undefined);
  for (;;) {
    const needed = neededFor(graph, [...always, ...kept.map(({ next }) => next)]);
    const more = all.filter((value) => kept.includes(value) || needed.has(value.inside));
    if (more.length === kept.length) return kept;
    kept = more;
  }
}

/** Says which value a name of the graph is a mere copy of. */
function followCopies(graph: Graph, opsets: Model["opsets"]): (name: string) => string {
  const copies = new Map<string, string>();
  for (const node of graph.nodes) {
    const [input] = node.inputs;
    if (rowOf(node, opsets)?.elements !== "copied" || input === undefined) continue;
    copies.set(node.outputs[0] ?? "", copies.get(input) ?? input);
  }
  return (name) => copies.get(name) ?? name;
}

/** Names that a body takes from outside for the outputs that are asked for. */
export function capturesOf({ graph, outputs }: Body): ReadonlySet<string> {
  const needed = new Set(neededFor(graph, outputs));
  graph.inputs.forEach(({ name }) => needed.delete(name));
  return needed;
}

/** Names that a graph needs for some of its values: its inputs, and what it takes from outside. */
function neededFor(graph: Graph, outputs: readonly string[]): ReadonlySet<string> {
  const needed = new Set(outputs);
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    node.outputs.forEach((name) => needed.delete(name));
    usesOf(node).forEach((name) => needed.add(name));
  }
  graph.constants.forEach((_, name) => needed.delete(name));
  return needed;
}

/** Names that must be there before it runs. */
export function needsOf({ inputs, bodies }: Control): readonly string[] {
  const outer = bodies.flatMap(({ graph, nodes, constants, outputs }) => {
    const own = new Set([
      ...graph.inputs.map(({ name }) => name),
      ...nodes.flatMap((node) => node.outputs),
    ]);
    const used = [...nodes.flatMap(usesOf), ...outputs];
    return used.filter((name) => !own.has(name) && !constants.has(name));
  });
  return [...inputs, ...outer];
}

/**
 * Which values share bytes, who reads them, and what a lowering may ask of a graph.
 *
 * A node whose row reshapes moves no bytes, so its output is an alias of its input. The first value
 * of such a chain is the root; everything about storage is asked of roots.
 */
import { argumentsOf, operandIds } from "../graph/arguments.ts";
import type { Graph, Node, Value, ValueId } from "../graph/ir.ts";
import type { ArgValues, Reduction, Row } from "../ops/row.ts";
import { rowNamed } from "../ops/table.ts";
import { isPlain } from "./plain-index.ts";

/** A node with what lowering needs of it. */
export interface Member {
  readonly index: number;
  readonly node: Node;
  readonly row: Row;
  readonly args: ArgValues;
  /** In argument order; one that is used twice stands twice. */
  readonly operands: readonly Value[];
  readonly outputs: readonly Value[];
  /** It depends on constants and named sizes alone. */
  readonly isConstant: boolean;
  /** What its row says of it as a reduction; made once. */
  readonly reduction: () => Reduction | undefined;
  /** Whether it is an address and nothing else: no guard, no index that is read. Found out once. */
  readonly isPlainIndex: () => boolean;
}

export interface Roots {
  readonly graph: Graph;
  readonly members: readonly Member[];
  readonly rootOf: (value: Value) => Value;
  /** The node that computes a root; undefined for inputs, constants and literals. */
  readonly producerOf: (root: Value) => Member | undefined;
  /** Nodes that have this very value as an operand, views among them. */
  readonly consumersOf: (value: Value) => readonly Member[];
  readonly isOutput: (value: Value) => boolean;
  /** Nodes that read the root, directly or through aliases; each once. */
  readonly readersOf: (root: Value) => readonly Member[];
  /** Names of graph outputs that are the root or an alias of it. */
  readonly outputNamesOf: (root: Value) => readonly string[];
}

export function findRoots(graph: Graph): Roots {
  const constants = new Set(graph.values.filter(isLeafConstant).map(({ id }) => id));
  const members = graph.nodes.map((node, index): Member => {
    const row = rowNamed(node.op);
    const operands = operandIds(node).map((id) => graph.values[id]!);
    const outputs = node.outputs.map((id) => graph.values[id]!);
    const args = argumentsOf(graph, row, node);
    const isConstant = operands.every(({ id }) => constants.has(id));
    if (isConstant) node.outputs.forEach((id) => constants.add(id));
    let made: Reduction | undefined;
    const reduction = (): Reduction | undefined =>
      row.lower.kind === "reduce" ? (made ??= row.lower.of(args, outputs)) : undefined;
    let plain: boolean | undefined;
    const isPlainIndex = (): boolean => (plain ??= isPlain(row, args, outputs));
    return { index, node, row, args, operands, outputs, isConstant, reduction, isPlainIndex };
  });
  const roots: ValueId[] = graph.values.map(({ id }) => id);
  for (const { operands, outputs } of members.filter(isView)) {
    roots[outputs[0]!.id] = roots[operands[0]!.id]!;
  }
  const readers = new Map<ValueId, Set<Member>>();
  for (const member of members.filter((m) => !isView(m))) {
    for (const { id } of member.operands) entry(readers, roots[id]!).add(member);
  }
  const consumers = new Map<ValueId, Set<Member>>();
  for (const member of members) {
    for (const { id } of member.operands) entry(consumers, id).add(member);
  }
  const direct = new Set(graph.outputs.map(({ value }) => value));
  const outputs = new Map<ValueId, Set<string>>();
  for (const { name, value } of graph.outputs) entry(outputs, roots[value]!).add(name);
  return {
    graph,
    members,
    rootOf: ({ id }) => graph.values[roots[id]!]!,
    producerOf: ({ from }) => (from.kind === "node" ? members[from.node] : undefined),
    consumersOf: listsOf(consumers),
    isOutput: ({ id }) => direct.has(id),
    readersOf: listsOf(readers),
    outputNamesOf: listsOf(outputs),
  };
}

function isLeafConstant({ from }: Value): boolean {
  return from.kind === "constant" || from.kind === "literal";
}

export function isView({ row }: Member): boolean {
  return row.lower.kind === "index" && row.lower.reshapes === true;
}

function listsOf<V>(sets: ReadonlyMap<ValueId, ReadonlySet<V>>): (value: Value) => readonly V[] {
  const lists = new Map([...sets].map(([id, set]) => [id, [...set]]));
  return ({ id }) => lists.get(id) ?? [];
}

function entry<V>(map: Map<ValueId, Set<V>>, id: ValueId): Set<V> {
  const known = map.get(id) ?? new Set<V>();
  map.set(id, known);
  return known;
}

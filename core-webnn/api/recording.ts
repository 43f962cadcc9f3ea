/**
 * What a builder keeps of a graph under construction, and its replay: only what the outputs need enters
 * the graph that is built, with its constraints, inputs and constants.
 */
import { editGraph, type GraphEditor } from "../graph/editor.ts";
import type { Graph, Value } from "../graph/ir.ts";
import type { ArgValue, ArgValues, Descriptor, Row } from "../ops/row.ts";
import { check } from "../ops/shapes.ts";
import { unreachable } from "../util/unreachable.ts";

export interface RecordedNode {
  readonly row: Row;
  /** Operands are RecordedOperands. */
  readonly args: ArgValues;
  readonly label: string;
}

export interface RecordedOperand extends Descriptor {
  readonly from:
    | { readonly kind: "input"; readonly name: string }
    | { readonly kind: "constant"; readonly bytes: Uint8Array }
    /** A constant tensor, whose bytes the device has: as long as somebody refers to `tensor`. */
    | {
        readonly kind: "tensor";
        readonly key: string;
        readonly isDestroyed: () => boolean;
        readonly tensor: unknown;
      }
    | { readonly kind: "literal"; readonly value: number | bigint }
    | { readonly kind: "node"; readonly node: RecordedNode; readonly output: number };
}

export interface OwnConstant {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Constants up to this many bytes also stand in the graph, where passes can read them. */
const inlineByteLength = 1024;

/** `nodes` and `inputs` are all that were recorded, in their order. */
export function replay(
  recorded: {
    readonly nodes: readonly RecordedNode[];
    readonly inputs: readonly RecordedOperand[];
  },
  outputs: ReadonlyMap<string, RecordedOperand>,
  newKey: () => string,
): { readonly graph: Graph; readonly constants: readonly OwnConstant[] } {
  const needed = reachable([...outputs.values()]);
  const editor = editGraph();
  const constants: OwnConstant[] = [];
  const leaves = new Map<RecordedOperand, Value>();
  const made = new Map<RecordedNode, readonly Value[]>();
  const valueOf = (operand: RecordedOperand): Value => {
    const { from } = operand;
    if (from.kind === "node") return made.get(from.node)![from.output]!;
    const leaf = leaves.get(operand) ?? addLeaf(editor, operand, newKey, constants);
    leaves.set(operand, leaf);
    return leaf;
  };
  recorded.inputs.filter((input) => needed.operands.has(input)).forEach(valueOf);
  for (const node of recorded.nodes.filter((candidate) => needed.nodes.has(candidate))) {
    made.set(node, editor.node(node.row, mapOperands(node, valueOf), node.label));
  }
  const named = [...outputs].map(([name, operand]) => ({ name, value: valueOf(operand).id }));
  return { graph: editor.finish(named), constants };
}

function operandsOf({ row, args }: RecordedNode): readonly RecordedOperand[] {
  return Object.entries({ ...row.args, ...row.options }).flatMap(([name, { kind }]) =>
    (kind === "operand" || kind === "operands") && args[name] !== undefined
      ? (args[name] as RecordedOperand | readonly RecordedOperand[])
      : [],
  );
}

function reachable(outputs: readonly RecordedOperand[]): {
  readonly operands: ReadonlySet<RecordedOperand>;
  readonly nodes: ReadonlySet<RecordedNode>;
} {
  const operands = new Set<RecordedOperand>();
  const nodes = new Set<RecordedNode>();
  const open = [...outputs];
  for (let operand = open.pop(); operand !== undefined; operand = open.pop()) {
    operands.add(operand);
    const { from } = operand;
    if (from.kind !== "node" || nodes.has(from.node)) continue;
    nodes.add(from.node);
    open.push(...operandsOf(from.node));
  }
  return { operands, nodes };
}

function addLeaf(
  editor: GraphEditor,
  { dataType, shape, from }: RecordedOperand,
  newKey: () => string,
  constants: OwnConstant[],
): Value {
  switch (from.kind) {
    case "input":
      return editor.input(from.name, dataType, shape);
    case "tensor":
      check(!from.isDestroyed(), "a constant tensor of the graph was destroyed");
      return editor.constant(from.key, dataType, shape);
    case "literal":
      return editor.literal(dataType, from.value);
    case "constant": {
      const constant = { key: newKey(), bytes: from.bytes };
      constants.push(constant);
      const inline = from.bytes.byteLength <= inlineByteLength ? from.bytes : undefined;
      return editor.constant(constant.key, dataType, shape, inline);
    }
    case "node":
      return unreachable("a node's output stands before its node");
    default:
      return from satisfies never;
  }
}

function mapOperands(
  { row, args }: RecordedNode,
  map: (operand: RecordedOperand) => Value,
): ArgValues {
  const mapped: Record<string, ArgValue> = { ...args };
  for (const [name, { kind }] of Object.entries({ ...row.args, ...row.options })) {
    const value = args[name];
    if (value === undefined) continue;
    if (kind === "operand") mapped[name] = map(value as RecordedOperand);
    else if (kind === "operands") mapped[name] = (value as readonly RecordedOperand[]).map(map);
  }
  return mapped;
}

/**
 * Tables of small cases. Each runs on every back end, and must come as near to the float64 reference as the ops'
 * own `ulp` says.
 *
 *     cases("gather", [
 *       { why: "negative, repeated", input: f32([4, 3]), indices: i32([2], [-1, 0]), axis: 0 },
 *     ]);
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ml, type MLContext } from "../../core-webnn/index.ts";
import type { StorageType } from "../../core-webnn/util/data-type.ts";
import { checkGraph } from "../fuzz/check-graph.ts";
import { missing } from "../models/whisper/requirements.ts";
import { exactArithmetic, flushingArithmetic, type Arithmetic } from "../reference/bounds.ts";
import type { GivenArgument, Leaf, LeafKind, SmallGraph } from "../reference/graph.ts";
import { gpuLikeFacts } from "../reference/interpreter-device.ts";
import { interpreterContext } from "../reference/interpreter-context.ts";
import { countOf, type Shape } from "../reference/ops/tensor.ts";
import type { Numeric } from "../reference/values.ts";

interface Backend {
  readonly name: string;
  readonly open: () => Promise<MLContext> | MLContext;
  readonly arithmetic: Arithmetic;
  /** A reason to leave it out. */
  readonly skip?: string | false;
}

const backends: readonly Backend[] = [
  { name: "interpreter", open: () => interpreterContext(), arithmetic: exactArithmetic },
  {
    name: "interpreter as gpu",
    open: () => interpreterContext(gpuLikeFacts),
    arithmetic: exactArithmetic,
  },
  {
    name: "cpu",
    open: () => ml.createContext({ deviceType: "cpu", numThreads: 1 }),
    arithmetic: exactArithmetic,
  },
  {
    name: "gpu",
    open: () => ml.createContext({ deviceType: "gpu" }),
    arithmetic: flushingArithmetic,
    skip: missing("gpu"),
  },
];

/** One context of each kind for all cases of a file. */
const opened = new Map<string, Promise<MLContext>>();

after(async () => {
  for (const context of opened.values()) (await context).destroy();
});

/** Arguments by the IDL's names; leaves stand for operands. */
export type Row = { readonly why: string } & Readonly<
  Record<string, GivenArgument | Leaf | readonly Leaf[]>
>;

export function cases(op: string, rows: readonly Row[]): void {
  for (const { why, ...args } of rows) check(`${op}: ${why}`, graphOf(op, args));
}

/** Where several ops must meet to go wrong. */
export function graphs(
  rows: readonly { readonly why: string; readonly graph: SmallGraph }[],
): void {
  for (const { why, graph } of rows) check(why, graph);
}

function check(title: string, graph: SmallGraph): void {
  for (const { name, open, arithmetic, skip = false } of backends) {
    test(`${title} (${name})`, { skip }, async () => {
      if (!opened.has(name)) opened.set(name, Promise.resolve(open()));
      const failure = await checkGraph(await opened.get(name)!, graph, arithmetic);
      assert.equal(failure?.says, undefined);
    });
  }
}

function graphOf(op: string, args: Omit<Row, "why">): SmallGraph {
  const graph: Record<string, SmallGraph[string]> = {};
  const add = (name: string, leaf: Leaf): string => {
    graph[name] = leaf;
    return name;
  };
  const given = Object.entries(args).map(([name, value]) => {
    if (isLeaf(value)) return [name, add(`${name} operand`, value)] as const;
    if (!isLeaves(value)) return [name, value] as const;
    return [name, value.map((leaf, i) => add(`${name} operand ${i}`, leaf))] as const;
  });
  graph["result"] = [op, Object.fromEntries(given) as Readonly<Record<string, GivenArgument>>];
  return graph;
}

function isLeaf(value: unknown): value is Leaf {
  return typeof value === "object" && value !== null && "leaf" in value;
}

function isLeaves(value: unknown): value is readonly Leaf[] {
  return Array.isArray(value) && value.length > 0 && isLeaf(value[0]);
}

/** Without values small whole numbers of both signs, each followed by another. */
function leafOf(
  leaf: LeafKind,
  dataType: StorageType,
  shape: Shape,
  given?: readonly Numeric[],
): Leaf {
  const values = given ?? Array.from({ length: countOf(shape) }, (_, i) => ((i * 7) % 13) - 6);
  const isBig = dataType.endsWith("64");
  return { leaf, dataType, shape, values: isBig ? values.map(BigInt) : values };
}

export function input(dataType: StorageType, shape: Shape, values?: readonly Numeric[]): Leaf {
  return leafOf("input", dataType, shape, values);
}

export function constant(dataType: StorageType, shape: Shape, values?: readonly Numeric[]): Leaf {
  return leafOf("constant", dataType, shape, values);
}

export function f32(shape: Shape, values?: readonly number[]): Leaf {
  return input("float32", shape, values);
}

export function f16(shape: Shape, values?: readonly number[]): Leaf {
  return input("float16", shape, values);
}

export function i32(shape: Shape, values?: readonly number[]): Leaf {
  return input("int32", shape, values);
}

/** As many times the value, but for some places. */
export function filled<T extends Numeric>(
  count: number,
  value: T,
  except: Readonly<Record<number, T>> = {},
): T[] {
  return Array.from({ length: count }, (_, i) => except[i] ?? value);
}

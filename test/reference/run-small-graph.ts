/** Builds and runs small graphs through the public interface, and says what differs from the reference. */
import { MLGraphBuilder } from "../../core-webnn/index.ts";
import type { MLContext, MLOperand, MLTensor } from "../../core-webnn/index.ts";
import { rowNamed } from "../../core-webnn/ops/table.ts";
import { isFloat, type StorageType } from "../../core-webnn/util/data-type.ts";
import type { Known } from "./bounds.ts";
import {
  isCall,
  isOperand,
  outputName,
  type Call,
  type GivenArguments,
  type Leaf,
  type SmallGraph,
} from "./graph.ts";
import { decodeValues, encodeValues, type Numeric } from "./values.ts";

type Method = (...given: unknown[]) => MLOperand | readonly MLOperand[];

export interface Built {
  readonly builder: MLGraphBuilder;
  readonly operands: ReadonlyMap<string, MLOperand>;
  /** Constant tensors, to be destroyed after the build. */
  readonly tensors: readonly MLTensor[];
}

/** Makes all operands of a graph in a builder of its own. */
export async function addStatements(context: MLContext, graph: SmallGraph): Promise<Built> {
  const builder = new MLGraphBuilder(context);
  const operands = new Map<string, MLOperand>();
  const tensors: MLTensor[] = [];
  for (const [name, statement] of Object.entries(graph)) {
    if (!isCall(statement)) {
      operands.set(name, await addLeaf(context, builder, name, statement, tensors));
      continue;
    }
    const made = [callMethod(builder, statement, (value) => operands.get(value)!)].flat();
    made.forEach((operand, i) => operands.set(outputName(name, i), operand));
  }
  return { builder, operands, tensors };
}

async function addLeaf(
  context: MLContext,
  builder: MLGraphBuilder,
  name: string,
  { leaf, dataType, shape, values, declared }: Leaf,
  tensors: MLTensor[],
): Promise<MLOperand> {
  const descriptor = { dataType, shape };
  switch (leaf) {
    case "input":
      return builder.input(name, { dataType, shape: declared ?? shape });
    case "constant":
      return builder.constant(descriptor, encodeValues(dataType, values));
    case "scalar":
      return builder.constant(dataType as "float32", values[0]!);
    case "constantTensor": {
      const bytes = encodeValues(dataType, values);
      const tensor = await context.createConstantTensor(descriptor, bytes);
      tensors.push(tensor);
      return builder.constant(tensor);
    }
    default:
      return leaf satisfies never;
  }
}

/** Calls the builder's method with positional arguments and an options dictionary. */
export function callMethod(
  builder: MLGraphBuilder,
  [op, args]: readonly [op: string, args: Readonly<Record<string, unknown>>],
  operand: (name: string) => unknown,
): MLOperand | readonly MLOperand[] {
  const row = rowNamed(op);
  const given = (name: string): unknown => {
    const value = args[name];
    if (!isOperand(row, name)) return value;
    if (Array.isArray(value)) return value.map((item) => toOperand(item, operand));
    return toOperand(value, operand);
  };
  const positional = Object.keys(row.args).map(given);
  const names = Object.keys(args).filter((name) => !(name in row.args));
  const options = Object.fromEntries(names.map((name) => [name, given(name)]));
  const method = (builder as unknown as Record<string, Method>)[op]!;
  return method.call(builder, ...positional, ...(names.length > 0 ? [options] : []));
}

/** Only strings are names; anything else is passed on as it is. */
function toOperand(value: unknown, operand: (name: string) => unknown): unknown {
  return typeof value === "string" ? operand(value) : value;
}

/** Builds with these outputs, dispatches once and reads them. Leaves nothing on the context. */
export async function runSmallGraph(
  context: MLContext,
  graph: SmallGraph,
  outputs: readonly string[],
  expected: ReadonlyMap<string, Known>,
): Promise<ReadonlyMap<string, readonly Numeric[]>> {
  const { builder, operands, tensors } = await addStatements(context, graph);
  const named = Object.fromEntries(outputs.map((name) => [name, operands.get(name)!]));
  const built = await builder.build(named);
  tensors.forEach((tensor) => tensor.destroy());
  const used: MLTensor[] = [];
  try {
    const feeds: Record<string, MLTensor> = {};
    for (const [name, statement] of Object.entries(graph)) {
      if (isCall(statement) || statement.leaf !== "input") continue;
      if (!isUsed(graph, name, outputs)) continue;
      const tensor = await newTensor(context, statement, { writable: true });
      context.writeTensor(tensor, encodeValues(statement.dataType, statement.values));
      used.push((feeds[name] = tensor));
    }
    const results: Record<string, MLTensor> = {};
    for (const name of outputs) {
      used.push(
        (results[name] = await newTensor(context, expected.get(name)!, { readable: true })),
      );
    }
    context.dispatch(built, feeds, results);
    const values = new Map<string, readonly Numeric[]>();
    for (const name of outputs) {
      const { dataType, values: wanted } = expected.get(name)!;
      const bytes = new Uint8Array(await context.readTensor(results[name]!));
      values.set(name, decodeValues(dataType, bytes, wanted.length));
    }
    return values;
  } finally {
    [...used, built].forEach((resource) => resource.destroy());
  }
}

/** Whether an output depends on the value: only such inputs are the graph's. */
function isUsed(graph: SmallGraph, input: string, outputs: readonly string[]): boolean {
  const reached = new Set<string>([input]);
  for (const [name, statement] of Object.entries(graph)) {
    if (!isCall(statement)) continue;
    if (namesIn(statement[1]).some((operand) => reached.has(operand))) reached.add(name);
    // Further outputs of a call are reached with it.
    for (let i = 1; i < 64 && reached.has(name); i++) reached.add(outputName(name, i));
  }
  return outputs.some((name) => reached.has(name));
}

function namesIn(args: GivenArguments): readonly string[] {
  return Object.values(args)
    .flat()
    .filter((value) => typeof value === "string");
}

function newTensor(
  context: MLContext,
  { dataType, shape }: { readonly dataType: StorageType; readonly shape: readonly number[] },
  flags: { readonly readable?: boolean; readonly writable?: boolean },
): Promise<MLTensor> {
  return context.createTensor({ dataType, shape, ...flags });
}

/** All outputs of all calls. */
export function outputsOf(graph: SmallGraph, expected: ReadonlyMap<string, Known>): string[] {
  return [...expected.keys()].filter((name) => {
    const statement = graph[name];
    return statement === undefined || isCall(statement);
  });
}

/** The first element that is further off than it may be. */
export function firstDifference(
  { dataType, shape, values, errors }: Known,
  actual: readonly Numeric[],
): string | undefined {
  for (let i = 0; i < values.length; i++) {
    const [wanted, got, error] = [values[i]!, actual[i]!, errors[i]!];
    if (error === Infinity || agrees(dataType, wanted, got, error)) continue;
    return `[${i}] of ${dataType}[${shape.join(", ")}] is ${got}, not ${wanted} ± ${error}`;
  }
  return undefined;
}

function agrees(dataType: StorageType, wanted: Numeric, got: Numeric, error: number): boolean {
  if (!isFloat(dataType)) {
    const distance = BigInt(got) - BigInt(wanted);
    return Number(distance < 0n ? -distance : distance) <= error;
  }
  const [x, y] = [Number(got), Number(wanted)];
  if (Number.isNaN(y)) return Number.isNaN(x);
  // Adding to y what rounding in float64 may have cost.
  return x === y || Math.abs(x - y) <= error + Math.abs(y) * 2 ** -45;
}

export type { Call };

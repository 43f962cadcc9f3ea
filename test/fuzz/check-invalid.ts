/**
 * Calls that must be refused: each throws what the standard says, with the label in brackets where it has one,
 * and spoils nothing: afterwards the same builder builds the valid graph, and it is right.
 */
import { MLGraphBuilder } from "../../core-webnn/index.ts";
import type { MLContext, MLOperand } from "../../core-webnn/index.ts";
import { rowNamed } from "../../core-webnn/ops/table.ts";
import { byteLengthOf, type StorageType } from "../../core-webnn/util/data-type.ts";
import { evaluateGraph, type Known } from "../reference/bounds.ts";
import { isCall, isOperand, type Call, type SmallGraph } from "../reference/graph.ts";
import { countOf } from "../reference/ops/tensor.ts";
import { interpreterContext } from "../reference/interpreter-context.ts";
import { addStatements, callMethod } from "../reference/run-small-graph.ts";
import { randomNumbers } from "../reference/values.ts";
import { checkGraph } from "./check-graph.ts";
import { checkFixture, closeFixture, misuses, misusesOfLost, openFixture } from "./misuses.ts";
import { spoil, type Site, type Spoiled } from "./mutations.ts";
import { randomGraph, type GraphOptions } from "./random-graph.ts";

/** How many ways of spoiling one call are tried. */
const mutationsPerCall = 12;

/** What is wrong, if anything is. */
export async function checkInvalid(
  context: MLContext,
  seed: number,
  options: Omit<GraphOptions, "limits">,
): Promise<string | undefined> {
  const random = randomNumbers(seed);
  if (random() < 0.15) return checkMisuse(context, random);
  const limits = context.opSupportLimits();
  const graph = randomGraph(seed, { ...options, limits, mostNodes: 2 });
  const calls = Object.entries(graph).filter(([, statement]) => isCall(statement));
  const [name, call] = calls[Math.floor(random() * calls.length)] as [string, Call];
  const says = await checkCall(context, graph, call, random, options);
  if (says !== undefined) return `${name}, ${call[0]}, ${says}`;
  const after = await checkGraph(context, graph, options.arithmetic);
  return after && `after refusals: ${after.says}`;
}

async function checkCall(
  context: MLContext,
  graph: SmallGraph,
  [op, args]: Call,
  random: () => number,
  { arithmetic }: Omit<GraphOptions, "limits">,
): Promise<string | undefined> {
  const { builder, operands, tensors } = await addStatements(context, graph);
  const known = evaluateGraph(graph, arithmetic);
  const foreign = new MLGraphBuilder(context);
  const site: Site = {
    op,
    args: withOperands(op, args, operands),
    operands: singleOperands(op, args, known),
    limits: context.opSupportLimits(),
    make: (dataType, shape) => addOperand(builder, dataType, shape),
    foreign: (dataType, shape) => addOperand(foreign, dataType, shape),
    pick: (items) => items[Math.floor(random() * items.length)]!,
  };
  const ways = spoil(site);
  for (let i = 0; i < Math.min(mutationsPerCall, ways.length); i++) {
    const says = checkRefusal(builder, op, site.pick(ways), `fuzz ${i}`);
    if (says !== undefined) return says;
  }
  // What was refused left nothing behind: the valid graph is built by the same builder.
  const outputs = [...operands].filter(([name]) => !(name in graph) || isCall(graph[name]!));
  const built = await builder.build(Object.fromEntries(outputs));
  built.destroy();
  tensors.forEach((tensor) => tensor.destroy());
  return undefined;
}

/** A constant: all types that a context offers can be one. */
function addOperand(
  builder: MLGraphBuilder,
  dataType: StorageType,
  shape: readonly number[],
): MLOperand {
  return builder.constant(
    { dataType, shape },
    new Uint8Array(byteLengthOf(dataType, countOf(shape))),
  );
}

function checkRefusal(
  builder: MLGraphBuilder,
  op: string,
  { why, args }: Spoiled,
  label: string,
): string | undefined {
  try {
    callMethod(builder, [op, { ...args, label }], (value) => value);
  } catch (error) {
    if (!(error instanceof TypeError)) return `${why}: threw ${String(error)}, no TypeError`;
    const isNamed = error.message.includes(`[${label}]`);
    return isNamed ? undefined : `${why}: the message does not name [${label}]: ${error.message}`;
  }
  return `${why}: was not refused`;
}

/** Names of values become operands; strings that are none stay. */
function withOperands(
  op: string,
  args: Call[1],
  operands: ReadonlyMap<string, MLOperand>,
): Record<string, unknown> {
  const row = rowNamed(op);
  const entries = Object.entries(args)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      if (!isOperand(row, name)) return [name, value] as const;
      const found = Array.isArray(value)
        ? value.map((item) => operands.get(String(item)))
        : operands.get(String(value));
      return [name, found] as const;
    });
  return Object.fromEntries(entries);
}

function singleOperands(
  op: string,
  args: Call[1],
  known: ReadonlyMap<string, Known>,
): Record<string, Known> {
  const row = rowNamed(op);
  const names = Object.keys(args).filter(
    (name) => isOperand(row, name) && typeof args[name] === "string",
  );
  return Object.fromEntries(names.map((name) => [name, known.get(args[name] as string)!]));
}

async function checkMisuse(context: MLContext, random: () => number): Promise<string | undefined> {
  const other = interpreterContext();
  const fixture = await openFixture(context, other);
  try {
    if (random() < 0.1) {
      const lost = interpreterContext();
      lost.destroy();
      const { why, call } = misusesOfLost[Math.floor(random() * misusesOfLost.length)]!;
      const says = await refusalOf(() => call(lost), "InvalidStateError");
      return says && `${why}: ${says}`;
    }
    const { why, refusal, call } = misuses[Math.floor(random() * misuses.length)]!;
    const says = await refusalOf(() => call(fixture), refusal);
    if (says !== undefined) return `${why}: ${says}`;
    const after = await checkFixture(fixture);
    return after && `${why}: ${after}`;
  } finally {
    closeFixture(fixture);
    other.destroy();
  }
}

async function refusalOf(call: () => unknown, expected: string): Promise<string | undefined> {
  try {
    await call();
  } catch (error) {
    const isExpected = error instanceof Error && error.name === expected;
    return isExpected ? undefined : `gives ${String(error)}, no ${expected}`;
  }
  return "was not refused";
}

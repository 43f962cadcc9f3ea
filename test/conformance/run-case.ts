/** Builds and runs one case through the public interface of a context. */
import type { MLContext, MLGraph, MLOperand, MLTensor } from "../../core-webnn/index.ts";
import { MLGraphBuilder } from "../../core-webnn/index.ts";
import { bytesOf, difference, type Case, type CaseOperator, type CaseTensor } from "./cases.ts";

type Operands = Map<string, MLOperand>;
type Method = (...args: unknown[]) => MLOperand | MLOperand[];

export function isOffered(one: Case): boolean {
  return one.graph.operators.every(({ name }) => name in MLGraphBuilder.prototype);
}

/** What is wrong with the results, or undefined. Throws what the implementation throws. */
export async function runCase(context: MLContext, one: Case): Promise<string | undefined> {
  const { inputs, operators, expectedOutputs } = one.graph;
  const builder = new MLGraphBuilder(context);
  const operands: Operands = new Map();
  for (const [name, tensor] of Object.entries(inputs)) {
    operands.set(name, addInput(builder, name, tensor));
  }
  for (const operator of operators) applyOperator(builder, operator, operands);
  const outputs = Object.fromEntries(
    Object.keys(expectedOutputs).map((name) => [name, operands.get(name)!]),
  );
  const graph = await builder.build(outputs);
  const problem = await dispatchAndCompare(context, graph, one);
  graph.destroy();
  return problem;
}

function addInput(builder: MLGraphBuilder, name: string, tensor: CaseTensor): MLOperand {
  const { dataType, shape } = tensor;
  const descriptor = { dataType, shape: [...shape] } as { dataType: "float32"; shape: number[] };
  return tensor.constant
    ? builder.constant(descriptor, bytesOf(tensor))
    : builder.input(name, descriptor);
}

function applyOperator(builder: MLGraphBuilder, operator: CaseOperator, operands: Operands): void {
  const [positional, options] = argumentsOf(operator, operands);
  const method = (builder as unknown as Record<string, Method>)[operator.name]!;
  const made = method.call(builder, ...positional, ...(options ? [options] : []));
  const names = [operator.outputs].flat() as readonly string[];
  names.forEach((name, i) => operands.set(name, Array.isArray(made) ? made[i]! : made));
}

/** Positional arguments, and the options dictionary if there is one. */
function argumentsOf(
  { arguments: args }: CaseOperator,
  operands: Operands,
): [unknown[], Record<string, unknown> | undefined] {
  const positional: unknown[] = [];
  let options: Record<string, unknown> | undefined;
  for (const [name, value] of args.flatMap((argument) => Object.entries(argument))) {
    const decoded = decodeArgument(value, operands);
    if (name === "options") options = decoded as Record<string, unknown>;
    else positional.push(decoded);
  }
  return [positional, options];
}

function decodeArgument(value: unknown, operands: Operands): unknown {
  if (typeof value === "string") return operands.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => decodeArgument(item, operands));
  if (typeof value !== "object" || value === null) return value;
  if ("$number" in value) return Number(value.$number);
  if ("$bigint" in value) return BigInt(value.$bigint as string);
  if ("$undefined" in value) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, decodeArgument(inner, operands)]),
  );
}

async function dispatchAndCompare(
  context: MLContext,
  graph: MLGraph,
  { graph: { inputs, expectedOutputs }, tolerance }: Case,
): Promise<string | undefined> {
  const feeds: Record<string, MLTensor> = {};
  const results: Record<string, MLTensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    if (tensor.constant) continue;
    feeds[name] = await newTensor(context, tensor, { writable: true });
    context.writeTensor(feeds[name], bytesOf(tensor));
  }
  for (const [name, tensor] of Object.entries(expectedOutputs)) {
    results[name] = await newTensor(context, tensor, { readable: true });
  }
  context.dispatch(graph, feeds, results);
  let problem: string | undefined;
  for (const [name, tensor] of Object.entries(expectedOutputs)) {
    const bytes = new Uint8Array(await context.readTensor(results[name]!));
    const differs = difference(tensor, bytes, tolerance);
    if (differs !== undefined) problem ??= `${name}${differs}`;
  }
  [...Object.values(feeds), ...Object.values(results)].forEach((tensor) => tensor.destroy());
  return problem;
}

function newTensor(
  context: MLContext,
  { dataType, shape }: CaseTensor,
  flags: { readable?: boolean; writable?: boolean },
): Promise<MLTensor> {
  return context.createTensor({ dataType: dataType as "float32", shape: [...shape], ...flags });
}

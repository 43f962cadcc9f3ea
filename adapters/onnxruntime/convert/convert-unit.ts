/**
 * Converts a unit, nodes that run as one WebNN graph, by the rows of their ops. Shape arithmetic is
 * done on the host while converting: none of it is in the graph.
 */
import type { Size, Sizes } from "../core.ts";
import { OnnxModelError } from "../errors.ts";
import type { HostTensor } from "../host/host-tensor.ts";
import { storedType, type ElementType } from "../model/element-type.ts";
import type { Constant, Model, Node } from "../model/model.ts";
import type { OpRow } from "../ops/row.ts";
import { opsetOf, rowOf } from "../ops/table.ts";
import type { Builder, Operand, WebNN } from "../webnn.ts";
import { NeedsBarrier } from "./barriers.ts";
import { isEmptyShape } from "./broadcast.ts";
import type { ConstantStore } from "./constant-store.ts";
import { makeDecisions, NeedsNumbers, type Guard } from "./decisions.ts";
import { LacksType, type GraphWriter } from "./graph-writer.ts";
import { makeHostNode } from "./host-node.ts";
import { makeGraphWriter } from "./make-graph-writer.ts";
import { pauseEvery } from "./pause.ts";
import { hostOf, makeNodeContext, NeedsInputValue, type NodeContext } from "./node-context.ts";
import { typeOf, type Value } from "./value.ts";

export interface Unit {
  readonly nodes: readonly Node[];
  /** Names of values that come from outside, apart from constants. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Constants in scope, by name. */
  readonly constants: ReadonlyMap<string, Constant>;
  /** Its nodes are the session's, not the model's. */
  readonly isMadeUp?: true;
}

export interface UnitInput {
  readonly type: ElementType;
  readonly shape: readonly Size[];
  /** The input's elements, where a conversion asked for them. */
  readonly known?: HostTensor;
  /** The earlier input that is the very same tensor: a dispatch takes each tensor once. */
  readonly sameAs?: string;
}

export type UnitOutput =
  | { readonly kind: "tensor"; readonly type: ElementType; readonly shape: readonly Size[] }
  | { readonly kind: "host"; readonly host: HostTensor }
  | { readonly kind: "empty"; readonly type: ElementType; readonly shape: readonly Size[] }
  /** An input, or a constant, of a type that WebNN lacks: it passes the graph by. */
  | { readonly kind: "passed"; readonly from: string | Constant };

export interface ConvertedUnit {
  readonly builder: Builder;
  /** Operands by the name of the output; none where the host has computed all outputs. */
  readonly graphOutputs: ReadonlyMap<string, Operand>;
  readonly graphInputs: readonly string[];
  readonly outputs: ReadonlyMap<string, UnitOutput>;
  readonly guards: readonly Guard[];
  /** Where each node runs. */
  readonly placement: ReadonlyMap<Node, Placement>;
}

/** Where a node runs; on the host for a reason. */
export interface Placement {
  readonly on: "webnn" | "host";
  readonly why?: string;
  /** Nodes whose work this one's WebNN ops do, or the node whose ops do this one's. */
  readonly fusion?: string;
}

/** For the host's part in control flow, and for results without elements. */
export const onHost = (why: string): Placement => ({ on: "host", why });

/** Milliseconds: a page's thread that works longer at a stretch drops frames. */
const longestTask = 12;

/** `sizes` are the present values of all names in the shapes of the inputs. */
export async function convertUnit(
  webnn: WebNN,
  store: ConstantStore,
  opsets: Model["opsets"],
  unit: Unit,
  inputs: ReadonlyMap<string, UnitInput>,
  sizes: Sizes,
): Promise<ConvertedUnit> {
  const decisions = makeDecisions(sizes);
  const writer = makeGraphWriter(webnn, store, decisions);
  const values = inputValues(inputs);
  const symbolic = [...inputs.values()]
    .flatMap((input) => input.shape)
    .filter((size) => typeof size !== "number");
  const valueOf = (name: string): Value => {
    let value = values.get(name);
    if (value === undefined) {
      value = constantValue(unit, name);
      values.set(name, value);
    }
    return value;
  };

  const placement = new Map<Node, Placement>();
  const pause = pauseEvery(longestTask);
  for (const node of unit.nodes) {
    await pause();
    const row = rowOf(node, opsets)!;
    const hostNode = makeHostNode(node, opsetOf(node, opsets)!);
    const context = makeNodeContext(hostNode, writer, valueOf, () => symbolic);
    const results = explained(node, row, () => convertNode(row, context, placement));
    results.forEach((result, i) => values.set(node.outputs[i] ?? "", result));
  }

  const outputs = new Map<string, UnitOutput>();
  const graphOutputs = new Map<string, Operand>();
  for (const name of unit.outputs) {
    const value = valueOf(name);
    explainedResult(name, () => {
      const output = describeOutput(writer, value);
      outputs.set(name, output);
      if (output.kind === "tensor") graphOutputs.set(name, writer.output(value));
    });
  }
  return {
    builder: writer.builder,
    graphOutputs,
    graphInputs: writer.inputsOf([...graphOutputs.values()]),
    outputs,
    guards: decisions.guards(),
    placement: withFusions(placement, writer.fusions),
  };
}

/** Says of nodes that are one group of WebNN ops with others which those are. */
function withFusions(
  placement: ReadonlyMap<Node, Placement>,
  fusions: GraphWriter["fusions"],
): ReadonlyMap<Node, Placement> {
  const result = new Map(placement);
  const nodes = new Map([...placement.keys()].map((node) => [node.name, node]));
  for (const { what, into, parts } of fusions) {
    const others = parts.map((name) => `'${name}'`).join(", ");
    for (const name of [into, ...parts]) {
      const node = nodes.get(name);
      const place = node && placement.get(node);
      if (place?.on !== "webnn") continue;
      const fusion = name === into ? `${what} with ${others}` : `part of '${into}'`;
      result.set(node!, { ...place, fusion });
    }
  }
  return result;
}

function inputValues(inputs: ReadonlyMap<string, UnitInput>): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, { type, shape, known, sameAs }] of inputs) {
    const same = sameAs === undefined ? undefined : values.get(sameAs);
    if (known !== undefined) values.set(name, { kind: "host", host: known });
    else if (isEmptyShape(shape)) values.set(name, { kind: "empty", type, shape });
    else values.set(name, same ?? { kind: "input", name, type, shape });
  }
  return values;
}

function constantValue({ constants }: Unit, name: string): Value {
  const constant = constants.get(name);
  // The outputs of a node may be more than its op has.
  if (constant === undefined) {
    throw new OnnxModelError("malformed", `nothing gives the value '${name}'`);
  }
  const { type, shape } = constant;
  const value: Value = { kind: "constant", constant };
  // Empty integers still say something to shape arithmetic: "no axes".
  if (isEmptyShape(shape) && hostOf(value) === undefined) return { kind: "empty", type, shape };
  return value;
}

function describeOutput(writer: GraphWriter, value: Value): UnitOutput {
  if (value.kind === "host") return { kind: "host", host: value.host };
  const type = typeOf(value);
  if (storedType(type) === undefined) {
    if (value.kind === "input") return { kind: "passed", from: value.name };
    if (value.kind === "constant") return { kind: "passed", from: value.constant };
  }
  const shape = writer.shape(value);
  return isEmptyShape(shape) ? { kind: "empty", type, shape } : { kind: "tensor", type, shape };
}

function convertNode(
  row: OpRow,
  context: NodeContext,
  placement: Map<Node, Placement>,
): readonly Value[] {
  const { node } = context;
  const computed = hostResults(row, context);
  if (computed !== undefined) {
    placement.set(node, onHost("shape arithmetic"));
    return computed;
  }
  if (row.compute !== undefined) leaveToHost(row, context);
  const result = emptyResult(row, context) ?? row.convert?.(context);
  if (result === undefined) return context.fail("its inputs are not known on the host");
  const results: readonly Value[] = Array.isArray(result) ? result : [result as Value];
  const isEmpty = results.every(({ kind }) => kind === "empty");
  placement.set(node, isEmpty ? onHost("its results are empty") : { on: "webnn" });
  return results;
}

/** Leaves a node to the host that no graph can do; returns where one may. */
function leaveToHost(row: OpRow, context: NodeContext): void {
  const types = context.node.inputs.flatMap((_, i) => (context.has(i) ? [context.type(i)] : []));
  const lacking = types.find((type) => storedType(type) === undefined);
  if (lacking !== undefined) context.leaveToHost(lacksType(lacking));
  if (row.convert === undefined) context.leaveToHost(row.onHost ?? "WebNN has no such op");
  const isEmpty = context.node.inputs.some(
    (_, i) =>
      context.has(i) && context.value(i).kind !== "product" && isEmptyShape(context.shape(i)),
  );
  if (isEmpty && row.empties === undefined) context.leaveToHost("one of its inputs is empty");
}

function lacksType(type: ElementType): string {
  return `WebNN has no ${type}`;
}

function hostResults(row: OpRow, context: NodeContext): readonly Value[] | undefined {
  if (row.host === undefined) return undefined;
  const given = context.node.inputs.map((_, i) => (context.has(i) ? i : undefined));
  const inputs = given.map((i) => (i === undefined ? undefined : context.host(i)));
  const isReady = given.every((i) => i === undefined || inputs[i] !== undefined);
  if (!isReady && row.readsShapesOnly !== true) return undefined;
  const result = row.host(context, inputs);
  if (result === undefined) return undefined;
  const tensors = Array.isArray(result)
    ? (result as readonly HostTensor[])
    : [result as HostTensor];
  return tensors.map((host): Value => ({ kind: "host", host }));
}

/** The result of a row that does not take empty inputs itself. */
function emptyResult(row: OpRow, context: NodeContext): Value | undefined {
  const shapes = context.node.inputs.flatMap((_, i) =>
    context.has(i) && context.value(i).kind !== "product" ? [context.shape(i)] : [],
  );
  if (row.empties === true || !shapes.some(isEmptyShape)) return undefined;
  if (row.empties === undefined) return context.fail("one of its inputs is empty");
  const { results = 0 } = row;
  const type = typeof results === "number" ? context.type(results) : results;
  return { kind: "empty", type, shape: context.broadcast(...shapes) };
}

/** Products are written where they are used: what a builder says of them comes late. */
function explainedResult(name: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new OnnxModelError("unsupported", `the result '${name}': ${error.message}`, {
      cause: error,
    });
  }
}

/** Adds the node to errors that know nothing of ONNX, such as those of the builder. */
function explained<T>(node: Node, row: OpRow, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (error instanceof NeedsNumbers) throw error.by(node);
    if (error instanceof NeedsInputValue || error instanceof NeedsBarrier) throw error;
    if (error instanceof LacksType && row.compute !== undefined) {
      throw new NeedsBarrier({ kind: "host", node, why: lacksType(error.type) });
    }
    if (error instanceof OnnxModelError && error.message.includes(`'${node.name}'`)) throw error;
    if (!(error instanceof Error)) throw error;
    throw new OnnxModelError("unsupported", `${node.op} '${node.name}': ${error.message}`, {
      cause: error,
    });
  }
}

/**
 * MLGraphBuilder: records a graph and has it built (https://www.w3.org/TR/webnn/#api-mlgraphbuilder). The
 * methods of the ops are made from their rows; `ml-graph-builder-methods.ts` gives them types.
 */
import { claimsInto } from "../graph/editor.ts";
import type { Graph } from "../graph/ir.ts";
import { castNumber } from "../ops/cast-number.ts";
import type { Descriptor, Row } from "../ops/row.ts";
import { check } from "../ops/shapes.ts";
import { standardRows } from "../ops/table.ts";
import type { Constraint } from "../util/constraint.ts";
import { dataTypes, type DataType } from "../util/data-type.ts";
import { convertArguments } from "./convert-arguments.ts";
import {
  bytesFor,
  checkDescriptor,
  storageTypes,
  tensorTypes,
  toNumberDescriptor,
  toOperandDescriptor,
  type MLOperandDescriptor,
} from "./descriptor.ts";
import { domException, messageOf, namingOp } from "./errors.ts";
import { contextInternals, type ContextInternals, type MLContext } from "./ml-context.ts";
import type { MLGraphBuilderMethods } from "./ml-graph-builder-methods.ts";
import { createGraph, type GraphInternals, type MLGraph } from "./ml-graph.ts";
import { checkNames, portsOf, uniqueNames } from "./graph-ports.ts";
import { createOperand, operandInternals, type MLOperand } from "./ml-operand.ts";
import { tensorInternals, type MLTensor } from "./ml-tensor.ts";
import { replay, type RecordedNode, type RecordedOperand } from "./recording.ts";
import { isObject, toEnum, toMLNumber, toRecord, toUSVString } from "./webidl.ts";

/** Adds a node of any row, extensions included; what its method does. */
export let addNode: (builder: MLGraphBuilder, row: Row, given: readonly unknown[]) => MLOperand[];

// The loop at the end of this file defines a method for each, as a test of the op table checks.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface MLGraphBuilder extends MLGraphBuilderMethods {}

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export class MLGraphBuilder {
  readonly #owner: MLContext;
  readonly #context: ContextInternals;
  readonly #nodes: RecordedNode[] = [];
  readonly #inputs: RecordedOperand[] = [];
  #hasBuilt = false;

  constructor(context: MLContext) {
    const internals = contextInternals(context);
    check(internals !== undefined, "context is not an MLContext");
    internals.refuseIfLost();
    this.#owner = context;
    this.#context = internals;
  }

  input(name: string, descriptor: MLOperandDescriptor): MLOperand {
    const given = toUSVString(name, "name");
    const checked = toOperandDescriptor(descriptor, "descriptor");
    this.#refuseIfUnable();
    check(given !== "", "the name of an input is empty");
    const isNew = this.#inputs.every(({ from }) => from.kind === "input" && from.name !== given);
    check(isNew, `an input is already named '${given}'`);
    checkDescriptor(checked, this.#context.backend.device.facts, tensorTypes, `input '${given}'`);
    const recorded: RecordedOperand = { ...checked, from: { kind: "input", name: given } };
    this.#inputs.push(recorded);
    return this.#operand(recorded);
  }

  constant(descriptor: MLOperandDescriptor<number>, buffer: AllowSharedBufferSource): MLOperand;
  constant(dataType: DataType, value: number | bigint): MLOperand;
  constant(tensor: MLTensor): MLOperand;
  constant(
    first: MLOperandDescriptor<number> | DataType | MLTensor,
    second?: AllowSharedBufferSource | number | bigint,
  ): MLOperand {
    if (tensorInternals(first) !== undefined) return this.#constantTensor(first);
    return typeof first === "string"
      ? this.#scalar(first, second)
      : this.#constantBytes(first, second);
  }

  async build(outputs: Readonly<Record<string, MLOperand>>): Promise<MLGraph> {
    const named = toRecord(outputs, (operand, what) => this.#recorded(operand, what), "output");
    this.#refuseIfUnable();
    check(named.size > 0, "a graph needs an output");
    for (const [name, { from }] of named) {
      check(name !== "", "the name of an output is empty");
      check(from.kind === "node", `output '${name}' is no op's result, but an input or a constant`);
    }
    const recording = { nodes: this.#nodes, inputs: this.#inputs };
    const { graph, constants } = replay(recording, named, this.#context.newKey);
    checkNames(graph);
    this.#hasBuilt = true;
    // What is kept of a builder must not keep the bytes of constants.
    this.#nodes.length = 0;
    this.#inputs.length = 0;
    return this.#context.building(this.#compile(graph, constants));
  }

  async #compile(
    graph: Graph,
    constants: ReturnType<typeof replay>["constants"],
  ): Promise<MLGraph> {
    const { backend, newId, refuseIfLost } = this.#context;
    const { device } = backend;
    const id = newId();
    try {
      await Promise.all(constants.map(({ key, bytes }) => device.addConstant(key, bytes)));
      await backend.build(id, uniqueNames(graph));
    } catch (error) {
      refuseIfLost();
      throw domException("OperationError", `the graph cannot be built: ${messageOf(error)}`, error);
    } finally {
      // What was loaded keeps what it needs.
      constants.forEach(({ key }) => device.removeConstant(key));
    }
    refuseIfLost();
    const internals = this.#graphInternals(id, graph);
    const built = createGraph(internals);
    this.#context.whenForgotten(built, internals.destroy);
    return built;
  }

  #graphInternals(id: number, graph: Graph): GraphInternals {
    const { backend, own } = this.#context;
    let destroyed = false;
    const destroy = (): void => {
      if (destroyed) return;
      destroyed = true;
      forget();
      backend.device.unload(id);
    };
    const forget = own(destroy);
    return {
      context: this.#owner,
      id,
      devices: [backend.device.facts.name],
      ...portsOf(graph),
      constraints: graph.constraints,
      isDestroyed: () => destroyed,
      destroy,
    };
  }

  #constantBytes(descriptor: unknown, buffer: unknown): MLOperand {
    const checked = toNumberDescriptor(descriptor, "descriptor");
    this.#refuseIfUnable();
    checkDescriptor(checked, this.#context.backend.device.facts, storageTypes, "the constant");
    const bytes = bytesFor(buffer, checked, "buffer").slice();
    return this.#operand({ ...checked, from: { kind: "constant", bytes } });
  }

  #scalar(dataType: unknown, value: unknown): MLOperand {
    const type = toEnum(dataType, dataTypes, "dataType");
    const number = toMLNumber(value, "value");
    this.#refuseIfUnable();
    const scalar = { dataType: type, shape: Object.freeze([]) };
    checkDescriptor(scalar, this.#context.backend.device.facts, tensorTypes, "the constant");
    return this.#operand({ ...scalar, from: { kind: "literal", value: castNumber(number, type) } });
  }

  #constantTensor(tensor: unknown): MLOperand {
    const { context, descriptor, place, isDestroyed } = tensorInternals(tensor)!;
    check(context === this.#owner, "tensor belongs to another context");
    check(!isDestroyed(), "tensor was destroyed");
    check(place.kind === "constant", "tensor is not a constant");
    this.#refuseIfUnable();
    const { dataType, shape } = descriptor;
    return this.#operand({
      dataType,
      shape,
      from: { kind: "tensor", key: place.key, isDestroyed, tensor },
    });
  }

  #add(row: Row, given: readonly unknown[]): MLOperand[] {
    this.#refuseIfUnable();
    const label = labelIn(given[Object.keys(row.args).length]);
    return namingOp(row.name, label, () => {
      const args = convertArguments(row, given, (value, what) => this.#recorded(value, what));
      const constraints: Constraint[] = [];
      const outputs = row.infer(row.resolve(args), claimsInto(constraints, row.name));
      outputs.forEach((output) => this.#checkOutput(output));
      const node: RecordedNode = { row, args, label };
      this.#nodes.push(node);
      return outputs.map(({ dataType, shape }, output) =>
        this.#operand({
          dataType,
          shape: Object.freeze([...shape]),
          from: { kind: "node", node, output },
        }),
      );
    });
  }

  #checkOutput(output: Descriptor): void {
    checkDescriptor(output, this.#context.backend.device.facts, tensorTypes, "the output");
  }

  #recorded(value: unknown, what: string): RecordedOperand {
    const internals = operandInternals(value);
    check(internals !== undefined, `${what} is not an MLOperand`);
    check(internals.builder === this, `${what} belongs to another builder`);
    return internals.recorded;
  }

  #operand(recorded: RecordedOperand): MLOperand {
    return createOperand({ builder: this, recorded });
  }

  #refuseIfUnable(): void {
    this.#context.refuseIfLost();
    if (this.#hasBuilt) throw domException("InvalidStateError", "the builder has built its graph");
  }

  static {
    addNode = (builder, row, given) => builder.#add(row, given);
  }
}

function labelIn(options: unknown): string {
  const label = isObject(options) ? options["label"] : undefined;
  return label === undefined ? "" : toUSVString(label, "label");
}

/** One output, unless the spec says that the op has a list of them. */
function methodOf(row: Row): (this: MLGraphBuilder, ...given: unknown[]) => unknown {
  const isSingle = "output" in row.outputs;
  return function (...given) {
    const outputs = addNode(this, row, given);
    return isSingle ? outputs[0] : outputs;
  };
}

for (const row of standardRows) {
  Object.defineProperty(MLGraphBuilder.prototype, row.name, {
    value: methodOf(row),
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

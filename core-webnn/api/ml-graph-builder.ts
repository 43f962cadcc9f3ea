/**
 * MLGraphBuilder: records a graph and has it built (https://www.w3.org/TR/webnn/#api-mlgraphbuilder). The
 * methods of the ops are made from their rows; `ml-graph-builder-methods.ts` gives them types.
 */
import { claimsInto } from "../graph/editor.ts";
import type { Graph } from "../graph/ir.ts";
import { castNumber } from "../ops/cast-number.ts";
import type { Row } from "../ops/row.ts";
import { check } from "../ops/shapes.ts";
import { standardRows } from "../ops/table.ts";
import type { Constraint } from "../util/constraint.ts";
import { dataTypes } from "../util/data-type.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { refuseIfNotAllowed } from "./allowed-to-use.ts";
import { checkOperands, convertArguments, requiredCount } from "./convert-arguments.ts";
import {
  bytesFor,
  checkDescriptor,
  toBufferSource,
  toNumberDescriptor,
  toOperandDescriptor,
  type MLDimension,
  type MLOperandDataType,
  type MLOperandDescriptor,
} from "./descriptor.ts";
import { domException, messageOf, namingOp } from "./errors.ts";
import { contextInternals, type ContextInternals, type MLContext } from "./ml-context.ts";
import type { MLGraphBuilderMethods, MLNumber } from "./ml-graph-builder-methods.ts";
import { defineInterface } from "./interface.ts";
import { createGraph, type GraphInternals, type MLGraph } from "./ml-graph.ts";
import { checkNames, portsOf, uniqueNames } from "./graph-ports.ts";
import {
  createOperand,
  operandInternals,
  type MLOperand,
  type OperandInternals,
} from "./ml-operand.ts";
import { tensorInternals, type MLTensor } from "./ml-tensor.ts";
import { replay, type RecordedNode, type RecordedOperand } from "./recording.ts";
import { isObject, requireArguments, toEnum, toMLNumber, toRecord, toUSVString } from "./webidl.ts";

export type MLNamedOperands = Readonly<Record<string, MLOperand>>;

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
  readonly #inputs = new Map<string, RecordedOperand>();
  #hasBuilt = false;

  constructor(context: MLContext) {
    const internals = contextInternals(context);
    check(internals !== undefined, "MLGraphBuilder: context is not an MLContext");
    refuseIfNotAllowed();
    internals.refuseIfLost();
    this.#owner = context;
    this.#context = internals;
  }

  input(name: string, descriptor: MLOperandDescriptor<MLDimension>): MLOperand;
  input(...given: [string, MLOperandDescriptor<MLDimension>]): MLOperand {
    return namingOp("input", "", () => {
      requireArguments(given, 2);
      const name = toUSVString(given[0], "name");
      const checked = toOperandDescriptor(given[1], "descriptor");
      this.#refuseIfUnable();
      check(name !== "", "name is empty");
      check(!this.#inputs.has(name), `name '${name}' is another input's already`);
      checkDescriptor(checked, this.#facts, `'${name}'`);
      const recorded: RecordedOperand = { ...checked, from: { kind: "input", name } };
      this.#inputs.set(name, recorded);
      return this.#operand(recorded);
    });
  }

  constant(descriptor: MLOperandDescriptor, buffer: AllowSharedBufferSource): MLOperand;
  constant(dataType: MLOperandDataType, value: MLNumber): MLOperand;
  constant(tensor: MLTensor): MLOperand;
  constant(...given: readonly unknown[]): MLOperand {
    return namingOp("constant", "", () => {
      requireArguments(given, 1);
      // As overloads are resolved: by how many arguments there are, then by the first.
      const [first, second] = given;
      if (given.length === 1) return this.#constantTensor(first);
      return isObject(first) || first === null || first === undefined
        ? this.#constantBytes(first, second)
        : this.#scalar(first, second);
    });
  }

  async build(outputs: MLNamedOperands): Promise<MLGraph> {
    const { graph, constants } = namingOp("build", "", () => {
      const named = toRecord(outputs, toOperand, "output");
      this.#refuseIfUnable();
      return this.#finish(named);
    });
    this.#hasBuilt = true;
    // What is kept of a builder must not keep the bytes of constants.
    this.#nodes.length = 0;
    this.#inputs.clear();
    return this.#context.building(this.#compile(graph, constants));
  }

  /** The graph up to these outputs. */
  #finish(outputs: ReadonlyMap<string, OperandInternals>): ReturnType<typeof replay> {
    check(outputs.size > 0, "outputs are empty: a graph needs one");
    const named = new Map<string, RecordedOperand>();
    for (const [name, operand] of outputs) {
      check(name !== "", "the name of an output is empty");
      const recorded = this.#recorded(operand, `output '${name}'`);
      const { kind } = recorded.from;
      const what = kind === "input" ? "an input" : "a constant";
      check(kind === "node", `output '${name}' is ${what}: only what an op computes can be one`);
      named.set(name, recorded);
    }
    const recording = { nodes: this.#nodes, inputs: [...this.#inputs.values()] };
    const replayed = replay(recording, named, this.#context.newKey);
    checkNames(replayed.graph);
    return replayed;
  }

  async #compile(
    graph: Graph,
    constants: ReturnType<typeof replay>["constants"],
  ): Promise<MLGraph> {
    const { backend, newId, settled } = this.#context;
    const { device } = backend;
    const id = newId();
    const load = async (): Promise<void> => {
      try {
        await Promise.all(constants.map(({ key, bytes }) => device.addConstant(key, bytes)));
        await backend.build(id, uniqueNames(graph));
      } finally {
        // What was loaded keeps what it needs.
        constants.forEach(({ key }) => device.removeConstant(key));
      }
    };
    await settled(load(), (error) =>
      domException("OperationError", `the graph cannot be built: ${messageOf(error)}`, error),
    );
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
      devices: Object.freeze([backend.device.facts.name]),
      ...portsOf(graph),
      constraints: graph.constraints,
      isDestroyed: () => destroyed,
      destroy,
    };
  }

  #constantBytes(descriptor: unknown, buffer: unknown): MLOperand {
    const checked = toNumberDescriptor(descriptor, "descriptor");
    toBufferSource(buffer, "buffer");
    this.#refuseIfUnable();
    checkDescriptor(checked, this.#facts, "descriptor");
    const bytes = bytesFor(buffer, checked, "buffer").slice();
    return this.#operand({ ...checked, from: { kind: "constant", bytes } });
  }

  #scalar(dataType: unknown, value: unknown): MLOperand {
    const type = toEnum(dataType, dataTypes, "dataType");
    const number = toMLNumber(value, "value");
    this.#refuseIfUnable();
    const scalar = { dataType: type, shape: Object.freeze([]) };
    checkDescriptor(scalar, this.#facts, "dataType");
    return this.#operand({ ...scalar, from: { kind: "literal", value: castNumber(number, type) } });
  }

  #constantTensor(tensor: unknown): MLOperand {
    const internals = tensorInternals(tensor);
    check(internals !== undefined, "tensor is not an MLTensor");
    const { context, descriptor, place, isDestroyed } = internals;
    check(context === this.#owner, "tensor belongs to another context");
    check(!isDestroyed(), "tensor was destroyed");
    check(
      place.kind === "constant",
      "tensor is not a constant: it was not created by createConstantTensor",
    );
    this.#refuseIfUnable();
    const { dataType, shape } = descriptor;
    const from = { kind: "tensor", key: place.key, isDestroyed, tensor } as const;
    return this.#operand({ dataType, shape, from });
  }

  #add(row: Row, given: readonly unknown[]): MLOperand[] {
    const options = given[Object.keys(row.args).length];
    const label = namingOp(row.name, "", () => labelIn(options));
    return namingOp(row.name, label, () => {
      const operands = new Map<string, OperandInternals>();
      const args = convertArguments(row, given, (value, what) => {
        const operand = toOperand(value, what);
        operands.set(what, operand);
        return operand.recorded;
      });
      this.#refuseIfUnable();
      operands.forEach((operand, what) => this.#recorded(operand, what));
      checkOperands(row, args);
      const constraints: Constraint[] = [];
      const outputs = row.infer(row.resolve(args), claimsInto(constraints, row.name));
      outputs.forEach((output) => checkDescriptor(output, this.#facts, "the output"));
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

  #recorded({ builder, recorded }: OperandInternals, what: string): RecordedOperand {
    check(builder === this, `${what} belongs to another builder`);
    return recorded;
  }

  #operand(recorded: RecordedOperand): MLOperand {
    return createOperand({ builder: this, recorded });
  }

  get #facts(): DeviceFacts {
    return this.#context.backend.device.facts;
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

function toOperand(value: unknown, what: string): OperandInternals {
  const internals = operandInternals(value);
  check(internals !== undefined, `${what} is not an MLOperand`);
  return internals;
}

/** One output, unless the spec says that the op has a list of them. A method, so that it is no constructor. */
function methodOf(row: Row): PropertyDescriptor {
  const isSingle = "output" in row.outputs;
  const methods = {
    [row.name](this: MLGraphBuilder, ...given: unknown[]): unknown {
      const outputs = addNode(this, row, given);
      return isSingle ? outputs[0] : outputs;
    },
  };
  return Object.getOwnPropertyDescriptor(methods, row.name)!;
}

for (const row of standardRows) {
  Object.defineProperty(MLGraphBuilder.prototype, row.name, methodOf(row));
}
defineInterface(MLGraphBuilder, "MLGraphBuilder", {
  constructor: 1,
  input: 2,
  constant: 1,
  build: 1,
  ...Object.fromEntries(standardRows.map((row) => [row.name, requiredCount(row)])),
});

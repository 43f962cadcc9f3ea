/**
 * Runs the steps of a plan: dispatches units, computes on the host, decides Ifs, and passes values on by name.
 *
 * A conversion may find that the plan needs a barrier. The scope is then planned again and goes on: steps whose
 * results are there already do not run again.
 */
import { NeedsBarrier } from "../convert/barriers.ts";
import type { Unit } from "../convert/convert-unit.ts";
import { stored } from "../convert/graph-writer.ts";
import { evaluateSize, type Sizes } from "../core.ts";
import { OnnxModelError } from "../errors.ts";
import type { Constant, Node } from "../model/model.ts";
import type { DeviceTensor } from "../webnn.ts";
import type { Branching, Scope, Step } from "./plan.ts";
import type { Plans } from "./plans.ts";
import { computeOnHost, type HostStepContext } from "./run-host.ts";
import {
  constantRunValue,
  evaluatedValue,
  hostValue,
  shapeOf,
  truthOf,
  type RunValue,
} from "./run-value.ts";
import { evaluateElements, type ProgramOutput, type UnitPrograms } from "./unit-programs.ts";

/** What steps need of their session. */
export interface StepContext extends HostStepContext {
  readonly programsOf: (unit: Unit) => UnitPrograms;
  readonly plans: Plans;
  /** Says that the host needs constants from now on. */
  readonly keepConstants: (constants: readonly Constant[]) => void;
  /** Throws if the run is to end. */
  readonly checkAborted: () => void;
  /** Tensors of the caller that results go to, by name. */
  readonly destinations: ReadonlyMap<string, DeviceTensor>;
}

/** Values by name, with those of the graphs around it. */
export interface Environment {
  readonly values: Map<string, RunValue>;
  readonly constants: ReadonlyMap<string, Constant>;
  readonly outer: Environment | undefined;
}

export function lookUp(environment: Environment, name: string): RunValue {
  const constant = environment.constants.get(name);
  for (let scope: Environment | undefined = environment; scope; scope = scope.outer) {
    const value = scope.values.get(name);
    if (value !== undefined) return value;
  }
  if (constant !== undefined) return constantRunValue(constant);
  throw new OnnxModelError("malformed", `nothing gives the value '${name}'`);
}

/** Runs what gives the scope's outputs; they are then among the environment's values. */
export async function runScope(
  scope: Scope,
  environment: Environment,
  context: StepContext,
): Promise<void> {
  const { plans } = context;
  for (;;) {
    const { barriers } = plans;
    const count = barriers.count();
    try {
      await runSteps(plans.stepsOf(scope), environment, context);
      return;
    } catch (error) {
      if (!(error instanceof NeedsBarrier)) throw error;
      const { barrier } = error;
      const isNew = barriers.add(barrier);
      if (barrier.kind === "host") {
        const { inputs } = barrier.node;
        context.keepConstants(inputs.flatMap((name) => scope.constants.get(name) ?? []));
      }
      // A plan inside this one may have found it first.
      if (isNew || barriers.count() > count) continue;
      throw new OnnxModelError("unsupported", error.message, { cause: error });
    }
  }
}

async function runSteps(
  steps: readonly Step[],
  environment: Environment,
  context: StepContext,
): Promise<void> {
  for (const step of steps) {
    context.checkAborted();
    if (outputsOf(step).every((name) => environment.values.has(name))) continue;
    if (step.kind === "unit") await runUnit(step.unit, environment, context);
    else if (step.kind === "host") await runOnHost(step.node, environment, context);
    else await runBranch(step.branching, environment, context);
  }
}

function outputsOf(step: Step): readonly string[] {
  switch (step.kind) {
    case "unit":
      return step.unit.outputs;
    case "host":
      return step.node.outputs.filter((name) => name !== "");
    case "if":
      return outputNamesOf(step.branching);
    default:
      return step satisfies never;
  }
}

async function runOnHost(
  node: Node,
  environment: Environment,
  context: StepContext,
): Promise<void> {
  const results = await computeOnHost(node, (name) => lookUp(environment, name), context);
  context.checkAborted();
  context.device.recorder.nodesRan(new Map([[node, "host"]]));
  for (const [name, value] of results) environment.values.set(name, value);
}

async function runUnit(unit: Unit, environment: Environment, context: StepContext): Promise<void> {
  const { device } = context;
  const inputs = new Map(unit.inputs.map((name) => [name, lookUp(environment, name)]));
  const program = await context.programsOf(unit).find(inputs);
  context.checkAborted();
  const { graph, graphInputs, outputs, sizes } = program;
  // Together: a device in another thread takes as long for many requests as for one.
  const uploads = graphInputs.map((name) => device.upload(name, inputs.get(name)!));
  const made = [...outputs].map(([name, output]) =>
    output.kind === "passed"
      ? Promise.resolve(passedValue(output.from, inputs))
      : makeResult(name, output, sizes, context),
  );
  // A run that fails is cleaned up, so nothing of it may be under way by then.
  await Promise.allSettled([...uploads, ...made]);
  const [given, results] = await Promise.all([Promise.all(uploads), Promise.all(made)]);
  const names = [...outputs.keys()];
  if (graph !== undefined) {
    const taken = results.flatMap(({ tensor }, i) => {
      const isWritten = outputs.get(names[i]!)?.kind === "tensor";
      return isWritten ? [[names[i]!, tensor!]] : [];
    });
    device.dispatch(
      graph,
      Object.fromEntries(graphInputs.map((name, i) => [name, given[i]!])),
      Object.fromEntries(taken),
    );
  }
  device.recorder.nodesRan(program.placement);
  results.forEach((value, i) => environment.values.set(names[i]!, value));
}

function passedValue(from: string | Constant, inputs: ReadonlyMap<string, RunValue>): RunValue {
  return typeof from === "string" ? inputs.get(from)! : constantRunValue(from);
}

/** The value of an output: computed already, or with a tensor for the dispatch to write. */
async function makeResult(
  name: string,
  output: Exclude<ProgramOutput, { kind: "passed" }>,
  sizes: Sizes,
  { device, destinations }: StepContext,
): Promise<RunValue> {
  if (output.kind === "host") {
    return evaluatedValue(output.host, evaluateElements(output.host, sizes));
  }
  const { type } = output;
  const shape = output.shape.map((size) => evaluateSize(size, sizes));
  if (output.kind === "empty") return hostValue(type, shape, new Uint8Array(0));
  const destination = destinations.get(name);
  return {
    type,
    dimensions: shape.map((size, axis) => ({ size, name: output.names[axis] })),
    tensor: destination ?? (await device.create(stored(type), shape)),
    bytes: undefined,
    isForeign: destination !== undefined,
  };
}

/** Runs the branch that the condition picks; its results take the names of If's outputs. */
async function runBranch(
  branching: Branching,
  environment: Environment,
  context: StepContext,
): Promise<void> {
  const { node, condition, thenBranch, elseBranch } = branching;
  const value = lookUp(environment, condition);
  const bytes = await context.device.read(condition, value);
  context.checkAborted();
  const branch = truthOf(value.type, shapeOf(value), bytes) ? thenBranch : elseBranch;
  const inner: Environment = {
    values: new Map(),
    constants: branch.constants,
    outer: environment,
  };
  const names = outputNamesOf(branching);
  const destinations = new Map<string, DeviceTensor>();
  names.forEach((name, i) => {
    const tensor = context.destinations.get(name);
    if (tensor !== undefined) destinations.set(branch.outputs[i]!, tensor);
  });
  await runScope(branch, inner, { ...context, destinations });
  context.device.recorder.nodesRan(new Map([[node, "host"]]));
  names.forEach((name, i) => environment.values.set(name, lookUp(inner, branch.outputs[i]!)));
}

/** Names of the outputs of an If that are asked for. */
function outputNamesOf({ node, outputs }: Branching): readonly string[] {
  return outputs.map((position) => node.outputs[position]!);
}

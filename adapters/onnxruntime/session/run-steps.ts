/** Runs the steps of a plan: dispatches units, decides Ifs, and passes values on by name. */
import type { Unit, UnitOutput } from "../convert/convert-unit.ts";
import { evaluateSize, sizeKey, type Size } from "../core.ts";
import { OnnxModelError } from "../errors.ts";
import type { ElementType } from "../model/element-type.ts";
import { stored } from "../convert/graph-writer.ts";
import type { Constant } from "../model/model.ts";
import type { DeviceTensor } from "../webnn.ts";
import type { Branch, Branching, Step } from "./plan.ts";
import type { RunDevice } from "./run-device.ts";
import {
  constantRunValue,
  evaluatedValue,
  hostValue,
  shapeOf,
  truthOf,
  type Dimension,
  type RunValue,
} from "./run-value.ts";
import { evaluateElements, type UnitProgram, type UnitPrograms } from "./unit-programs.ts";

/** What steps need of their session. */
export interface StepContext {
  readonly device: RunDevice;
  readonly programsOf: (unit: Unit) => UnitPrograms;
  readonly stepsOf: (branch: Branch) => readonly Step[];
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

export async function runSteps(
  steps: readonly Step[],
  environment: Environment,
  context: StepContext,
): Promise<void> {
  for (const step of steps) {
    context.checkAborted();
    if (step.kind === "unit") await runUnit(step.unit, environment, context);
    else await runBranch(step.branching, environment, context);
  }
}

async function runUnit(unit: Unit, environment: Environment, context: StepContext): Promise<void> {
  const { device } = context;
  const inputs = new Map(unit.inputs.map((name) => [name, lookUp(environment, name)]));
  const program = await context.programsOf(unit).find(inputs);
  context.checkAborted();
  const results = await makeResults(program, context);
  if (program.graph !== undefined) {
    const given: Record<string, DeviceTensor> = {};
    for (const name of program.graphInputs)
      given[name] = await device.upload(name, inputs.get(name)!);
    const taken: Record<string, DeviceTensor> = {};
    for (const [name, { tensor }] of results) if (tensor !== undefined) taken[name] = tensor;
    device.dispatch(program.graph, given, taken);
  }
  device.recorder.nodesRan(program.placement);
  for (const [name, value] of results) environment.values.set(name, value);
}

async function makeResults(
  { outputs, sizes }: UnitProgram,
  { device, destinations }: StepContext,
): Promise<ReadonlyMap<string, RunValue>> {
  const results = new Map<string, RunValue>();
  for (const [name, output] of outputs) {
    if (output.kind === "host") {
      results.set(name, evaluatedValue(output.host, evaluateElements(output.host, sizes)));
      continue;
    }
    const shape = output.shape.map((size) => evaluateSize(size, sizes));
    if (output.kind === "empty") {
      results.set(name, hostValue(output.type, shape, new Uint8Array(0)));
      continue;
    }
    const destination = destinations.get(name);
    const tensor = destination ?? (await device.create(stored(output.type), shape));
    results.set(name, deviceValue(output, shape, tensor, destination !== undefined));
  }
  return results;
}

function deviceValue(
  { type, shape }: UnitOutput & { readonly type: ElementType; readonly shape: readonly Size[] },
  numbers: readonly number[],
  tensor: DeviceTensor,
  isForeign: boolean,
): RunValue {
  const dimensions = shape.map((size, axis): Dimension => ({
    size: numbers[axis]!,
    name: nameOf(size),
  }));
  return { type, dimensions, tensor, bytes: undefined, isForeign };
}

/** A later graph knows a computed size by a name of its own; equal sizes have equal names. */
function nameOf(size: Size): string | undefined {
  if (typeof size === "number") return undefined;
  const key = sizeKey(size);
  return /^\w+$/.test(key) ? key : `s_${key.replaceAll(/[^\w]/g, (c) => `$${c.charCodeAt(0)}`)}`;
}

/** Runs the branch that the condition picks; its results take the names of If's outputs. */
async function runBranch(
  { node, condition, thenBranch, elseBranch, outputs }: Branching,
  environment: Environment,
  context: StepContext,
): Promise<void> {
  const value = lookUp(environment, condition);
  const bytes = await context.device.read(condition, value);
  context.checkAborted();
  const branch = truthOf(value.type, shapeOf(value), bytes) ? thenBranch : elseBranch;
  const inner: Environment = {
    values: new Map(),
    constants: branch.constants,
    outer: environment,
  };
  const names = outputs.map((position) => node.outputs[position]!);
  const destinations = new Map<string, DeviceTensor>();
  names.forEach((name, i) => {
    const tensor = context.destinations.get(name);
    if (tensor !== undefined) destinations.set(branch.outputs[i]!, tensor);
  });
  await runSteps(context.stepsOf(branch), inner, { ...context, destinations });
  context.device.recorder.nodesRan(new Map([[node, "host"]]));
  names.forEach((name, i) => environment.values.set(name, lookUp(inner, branch.outputs[i]!)));
}

/**
 * Runs the steps of a plan: dispatches units, computes on the host, follows control flow, and passes values on
 * by name.
 *
 * A conversion may find that the plan needs a barrier. The scope is then planned again and goes on: steps whose
 * results are there already do not run again.
 */
import { NeedsBarrier } from "../convert/barriers.ts";
import { onHost } from "../convert/convert-unit.ts";
import { OnnxModelError } from "../errors.ts";
import type { Constant, Node } from "../model/model.ts";
import type { DeviceTensor } from "../webnn.ts";
import type { Body, Branching, Control, Scope } from "./control.ts";
import { lookUp, type Environment } from "./environment.ts";
import { whyOnHost, type Step } from "./plan.ts";
import type { Plans } from "./plans.ts";
import { fallbackError } from "./check-fallback.ts";
import { computeOnHost, type HostStepContext } from "./run-host.ts";
import { runUnit, type UnitContext } from "./run-unit.ts";
import { shapeOf, truthOf } from "./run-value.ts";

/** What steps need of their session. */
export interface StepContext extends HostStepContext, UnitContext {
  readonly plans: Plans;
  /** Whether a node that the host would compute is an error. */
  readonly throwOnFallback: boolean;
  /** Says that the host needs constants from now on. */
  readonly keepConstants: (constants: readonly Constant[]) => void;
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
      if (barrier.kind === "host" && context.throwOnFallback) {
        throw fallbackError([{ node: barrier.node, why: barrier.why }]);
      }
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
    else await runControl(step.control, environment, context);
  }
}

function outputsOf(step: Step): readonly string[] {
  switch (step.kind) {
    case "unit":
      return step.unit.outputs;
    case "host":
      return step.node.outputs.filter((name) => name !== "");
    case "control":
      return step.control.results;
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
  const why = whyOnHost(node, context.opsets, context.plans.barriers) ?? "";
  context.device.recorder.nodesRan(new Map([[node, onHost(why)]]), []);
  for (const [name, value] of results) environment.values.set(name, value);
}

async function runControl(
  control: Control,
  environment: Environment,
  context: StepContext,
): Promise<void> {
  if (control.kind === "if") {
    await runBranch(control, environment, context);
  } else {
    const inside: StepContext = { ...context, destinations: new Map() };
    const runBody = (body: Body, inner: Environment) => runScope(body, inner, inside);
    const { runRepetition } = await import("../rare.ts");
    const results = await runRepetition(control, environment, { ...inside, runBody });
    for (const [name, value] of results) environment.values.set(name, value);
  }
  context.device.recorder.nodesRan(new Map([[control.node, onHost("control flow")]]), []);
}

/** Runs the branch that the condition picks; its results take the names of If's outputs. */
async function runBranch(
  { condition, bodies, results }: Branching,
  environment: Environment,
  context: StepContext,
): Promise<void> {
  const value = lookUp(environment, condition);
  const bytes = await context.device.read(condition, value);
  context.checkAborted();
  const branch = truthOf(value.type, shapeOf(value), bytes) ? bodies[0]! : bodies[1]!;
  const inner: Environment = {
    values: new Map(),
    constants: branch.constants,
    outer: environment,
  };
  const destinations = new Map<string, DeviceTensor>();
  results.forEach((name, i) => {
    const tensor = context.destinations.get(name);
    if (tensor !== undefined) destinations.set(branch.outputs[i]!, tensor);
  });
  await runScope(branch, inner, { ...context, destinations });
  results.forEach((name, i) => environment.values.set(name, lookUp(inner, branch.outputs[i]!)));
}

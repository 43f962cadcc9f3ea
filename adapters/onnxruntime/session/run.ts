/** One run of a session: checks what it is given, runs the steps, collects what is asked for. */
import type { OnnxValue, TensorConstructor } from "onnxruntime-common";
import type { Unit } from "../convert/convert-unit.ts";
import { typedByCause } from "../errors.ts";
import { getOrMake } from "../get-or-make.ts";
import type { Model } from "../model/model.ts";
import type { Context, DeviceTensor } from "../webnn.ts";
import { checkFeeds, type Feeds, type NameDimension } from "./feeds.ts";
import type { WebNNRunOptions } from "./options.ts";
import type { Scope } from "./control.ts";
import type { Plans } from "./plans.ts";
import {
  checkFetches,
  destinationsOf,
  makeResult,
  type Fetches,
  type OutputLocation,
  type ResultMaker,
} from "./results.ts";
import type { RunDevice } from "./run-device.ts";
import { lookUp, type Environment } from "./environment.ts";
import { runScope, type StepContext } from "./run-steps.ts";
import type { UnitPrograms } from "./unit-programs.ts";
import type { VaryingSizes } from "./varying-sizes.ts";

/** What a session keeps from run to run. */
export interface SessionState {
  readonly model: Model;
  readonly context: Context;
  readonly device: RunDevice;
  readonly Tensor: TensorConstructor;
  readonly locationOf: (name: string) => OutputLocation;
  readonly nameDimension: NameDimension;
  readonly throwOnFallback: boolean;
  /** Ends all runs. */
  readonly signal: AbortSignal | undefined;
  readonly programsOf: (unit: Unit) => UnitPrograms;
  readonly plans: Plans;
  /** What runs ask for, by the names of the outputs. */
  readonly scopes: Map<string, Scope>;
  readonly varyingSizes: VaryingSizes;
  readonly keepConstants: StepContext["keepConstants"];
}

export type Results = Record<string, OnnxValue>;

export async function runSession(
  state: SessionState,
  feeds: Feeds,
  fetches: Fetches,
  options: WebNNRunOptions,
): Promise<Results> {
  const { device, model } = state;
  const { graph, opsets } = model;
  const checkAborted = () => throwIfAborted(options, state.signal);
  checkAborted();
  const outputNames = graph.outputs.map(({ name }) => name);
  checkFetches(fetches, outputNames);
  const values = new Map(checkFeeds(feeds, graph.inputs, state.nameDimension));
  const environment: Environment = { values, constants: graph.constants, outer: undefined };
  const context: StepContext = {
    ...state,
    opsets,
    checkAborted,
    destinations: destinationsOf(fetches),
  };
  try {
    await runScope(scopeFor(state, Object.keys(fetches)), environment, context);
    checkAborted();
    const results = await collect(state, environment, fetches);
    device.endRun(false);
    return results;
  } catch (error) {
    device.endRun(true);
    throw typedByCause(error);
  }
}

function scopeFor({ scopes, model }: SessionState, outputs: readonly string[]): Scope {
  const { nodes, constants } = model.graph;
  const key = JSON.stringify([...outputs].sort());
  return getOrMake(scopes, key, () => ({ nodes, constants, outputs }));
}

async function collect(
  { device, Tensor, locationOf, context }: SessionState,
  environment: Environment,
  fetches: Fetches,
): Promise<Results> {
  const download = async (tensor: DeviceTensor) => {
    const buffer = await context.readTensor(tensor);
    device.recorder.moved("(kept outputs)", "read", buffer.byteLength);
    return buffer;
  };
  const maker: ResultMaker = { device, Tensor, locationOf, download };
  const results = new Map<string, OnnxValue>();
  try {
    for (const [name, given] of Object.entries(fetches)) {
      results.set(name, await makeResult(maker, name, lookUp(environment, name), given));
    }
    return Object.fromEntries(results);
  } catch (error) {
    // Tensors that were kept for the caller, who will not get them.
    for (const [name, result] of results) if (result !== fetches[name]) result.dispose();
    throw error;
  }
}

/** `terminate` may be set while the run goes on. */
function throwIfAborted(options: WebNNRunOptions, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
  options.signal?.throwIfAborted();
  if (options.terminate === true) {
    throw new DOMException("the run was terminated by its options", "AbortError");
  }
}

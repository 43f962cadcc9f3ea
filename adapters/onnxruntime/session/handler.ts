/**
 * A session: what onnxruntime-common calls for `InferenceSession.create`, `run` and `release`.
 *
 * Runs queue: each begins when the one before it has ended. Graphs are built when a run first needs
 * them, for the outputs that it asks for.
 */
import type {
  InferenceSession,
  InferenceSessionHandler,
  TensorConstructor,
} from "onnxruntime-common";
import { makeConstantStore } from "../convert/constant-store.ts";
import type { Unit } from "../convert/convert-unit.ts";
import { getOrMake } from "../get-or-make.ts";
import {
  subgraphsOf,
  type Constant,
  type Graph,
  type Model,
  type Node,
  type ValueInfo,
} from "../model/model.ts";
import { usesOf } from "../model/arrange-graph.ts";
import { rowOf } from "../ops/table.ts";
import type { StorableTypes } from "../ops/row.ts";
import type { Context, WebNN } from "../webnn.ts";
import { findCaches } from "./caches.ts";
import type { Feeds } from "./feeds.ts";
import { nameDimensions } from "./dimension-names.ts";
import { tensorTypeOf } from "./element-arrays.ts";
import { makePlans } from "./plans.ts";
import { prepareConstants } from "./prepare-constants.ts";
import { makeRecorder, type Recorder, type SessionReport } from "./report.ts";
import type { OutputLocation } from "./results.ts";
import { makeRunDevice } from "./run-device.ts";
import { runSession, type SessionState } from "./run.ts";
import { makeTensorPool } from "./tensor-pool.ts";
import { makeUnitPrograms, type UnitPrograms } from "./unit-programs.ts";
import { makeVaryingSizes } from "./varying-sizes.ts";

export interface SessionRequest {
  readonly model: Model;
  readonly webnn: WebNN;
  readonly Tensor: TensorConstructor;
  readonly locationOf: (name: string) => OutputLocation;
  /** Numbers for dimensions that the model names. */
  readonly overrides: Readonly<Record<string, number>>;
  readonly signal: AbortSignal | undefined;
  readonly throwOnFallback: boolean;
  /** Called once, when the session is disposed. */
  readonly onDispose: () => void;
}

export interface WebNNSessionHandler extends InferenceSessionHandler {
  readonly report: () => SessionReport;
}

export function makeSessionHandler(request: SessionRequest): WebNNSessionHandler {
  const { graph } = request.model;
  const { onDispose } = request;
  const { stateFor, recorder, destroy } = openStates(request);
  let last: Promise<unknown> = Promise.resolve();
  let disposal: Promise<void> | undefined;
  return {
    inputNames: graph.inputs.map(({ name }) => name),
    outputNames: graph.outputs.map(({ name }) => name),
    inputMetadata: graph.inputs.map(metadataOf),
    outputMetadata: graph.outputs.map(metadataOf),
    report: recorder.report,
    run(feeds, fetches, options) {
      if (disposal !== undefined) {
        return Promise.reject(new DOMException("the session was released", "InvalidStateError"));
      }
      const start = () => runSession(stateFor(feeds), feeds, fetches, options);
      const run = last.then(() => recorder.timed("run", start));
      last = run.catch(() => {});
      return run;
    },
    /** Waits for the runs that have begun. */
    dispose() {
      disposal ??= last.then(() => {
        destroy();
        onDispose();
      });
      return disposal;
    },
    startProfiling: () => recorder.setProfiling(true),
    endProfiling: () => recorder.setProfiling(false),
  };
}

interface States {
  /** Runs that feed other initializers are runs of another model, with the same weights on the device. */
  readonly stateFor: (feeds: Feeds) => SessionState;
  readonly recorder: Recorder;
  readonly destroy: () => void;
}

function openStates(request: SessionRequest): States {
  const { webnn, overrides, Tensor, locationOf, signal, throwOnFallback } = request;
  const { opsets, overridable } = request.model;
  const { context } = webnn;
  const storable = storableTypes(context);
  const first = prepareConstants(request.model, storable);
  // Without its first form, constants that are prepared are let go.
  const original = overridable.length === 0 ? undefined : request.model;
  const { modelName } = nameDimensions(first.graph.inputs, overrides);
  const recorder = makeRecorder(modelName, findCaches(first));
  const store = makeConstantStore(context, recorder.constantWritten);
  const pool = makeTensorPool(context);
  const device = makeRunDevice(context, pool, recorder);
  const maker = { webnn, store, opsets, recorder, readHost: device.readHost };
  const programs: Map<string, UnitPrograms>[] = [];
  const stateOf = (model: Model): SessionState => {
    const own = new Map<string, UnitPrograms>();
    programs.push(own);
    store.keep(hostConstants(model.graph, opsets));
    return {
      model,
      context,
      device,
      Tensor,
      locationOf,
      nameDimension: nameDimensions(model.graph.inputs, overrides).nameDimension,
      signal,
      throwOnFallback,
      programsOf: keepPrograms((unit) => makeUnitPrograms(unit, maker), own),
      plans: makePlans(opsets),
      scopes: new Map(),
      varyingSizes: makeVaryingSizes(),
      keepConstants: store.keep,
    };
  };
  const states = new Map([["[]", stateOf(first)]]);
  return {
    stateFor(feeds) {
      const fed = overridable.filter(({ name }) => Object.hasOwn(feeds, name));
      const key = JSON.stringify(fed.map(({ name }) => name));
      return getOrMake(states, key, () =>
        stateOf(prepareConstants(withInputs(original!, fed), storable)),
      );
    },
    recorder,
    destroy() {
      programs.forEach((own) => own.forEach((unit) => unit.destroy()));
      pool.empty();
      store.destroy();
    },
  };
}

/** The model with inputs in place of some of its initializers. */
function withInputs(model: Model, more: readonly ValueInfo[]): Model {
  const constants = new Map(model.graph.constants);
  more.forEach(({ name }) => constants.delete(name));
  const inputs = [...model.graph.inputs, ...more];
  return { ...model, graph: { ...model.graph, constants, inputs } };
}

function storableTypes(context: Context): StorableTypes {
  const types = context.opSupportLimits().constant.dataTypes;
  return { uint4: types.includes("uint4") };
}

/** Plans that are made again have units of the same nodes: those keep their programs. */
function keepPrograms(
  make: (unit: Unit) => UnitPrograms,
  programs: Map<string, UnitPrograms>,
): (unit: Unit) => UnitPrograms {
  const byUnit = new WeakMap<Unit, UnitPrograms>();
  const numbers = new Map<Node, number>();
  return (unit) => {
    const known = byUnit.get(unit);
    if (known !== undefined) return known;
    const nodes = unit.nodes.map((node) => getOrMake(numbers, node, () => numbers.size));
    const key = JSON.stringify([nodes, unit.outputs]);
    const found = getOrMake(programs, key, () => make(unit));
    byUnit.set(unit, found);
    return found;
  };
}

/** Constants that are results of a graph or a branch, or that the host computes with: their bytes stay there. */
function hostConstants(graph: Graph, opsets: Model["opsets"]): ReadonlySet<Constant> {
  const found = new Set<Constant>();
  const visit = (inner: Graph, outer: ReadonlyMap<string, Constant>): void => {
    const visible = new Map([...outer, ...inner.constants]);
    const onHost = inner.nodes.filter((node) => rowOf(node, opsets)?.onHost !== undefined);
    const names = [...inner.outputs.map(({ name }) => name), ...onHost.flatMap(usesOf)];
    for (const name of names) {
      const constant = visible.get(name);
      if (constant !== undefined) found.add(constant);
    }
    inner.nodes.flatMap(subgraphsOf).forEach((branch) => visit(branch, visible));
  };
  visit(graph, new Map());
  return found;
}

function metadataOf({ name, type, shape }: ValueInfo): InferenceSession.ValueMetadata {
  const carrier = tensorTypeOf(type);
  return carrier !== undefined
    ? { name, isTensor: true, type: carrier, shape: shape ?? [] }
    : { name, isTensor: false };
}

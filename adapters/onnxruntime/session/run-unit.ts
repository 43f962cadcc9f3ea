/** Runs one unit: finds its program, gives it what it takes, dispatches it, and keeps its results by name. */
import type { Unit } from "../convert/convert-unit.ts";
import { stored } from "../convert/graph-writer.ts";
import { evaluateSize, type Sizes } from "../core.ts";
import type { Constant } from "../model/model.ts";
import type { DeviceTensor } from "../webnn.ts";
import { lookUp, type Environment } from "./environment.ts";
import type { RunDevice } from "./run-device.ts";
import { constantRunValue, evaluatedValue, hostValue, type RunValue } from "./run-value.ts";
import { evaluateElements, type ProgramOutput, type UnitPrograms } from "./unit-programs.ts";

export interface UnitContext {
  readonly device: RunDevice;
  readonly programsOf: (unit: Unit) => UnitPrograms;
  /** Throws if the run is to end. */
  readonly checkAborted: () => void;
  /** Tensors of the caller that results go to, by name. */
  readonly destinations: ReadonlyMap<string, DeviceTensor>;
}

export async function runUnit(
  unit: Unit,
  environment: Environment,
  context: UnitContext,
): Promise<void> {
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
  if (unit.isMadeUp !== true) device.recorder.nodesRan(program.placement, graph?.devices ?? []);
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
  { device, destinations }: UnitContext,
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

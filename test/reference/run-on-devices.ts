/**
 * Runs a graph on the interpreter, as compiled for either kind of device, and on the real CPU device.
 * Every compilation is checked on the way: graphs after each pass, kernels, buffers per kernel.
 */
import { createCpuDevice } from "../../core-webnn/cpu/device.ts";
import { verifyGraph } from "../../core-webnn/graph/verify.ts";
import type { Graph, Value } from "../../core-webnn/graph/ir.ts";
import { checkKernel } from "../../core-webnn/kernel/check.ts";
import { lower } from "../../core-webnn/lower/lower.ts";
import { runPasses } from "../../core-webnn/passes/pipeline.ts";
import type { Device } from "../../core-webnn/plan/device.ts";
import { planProgram } from "../../core-webnn/plan/plan.ts";
import type { Program } from "../../core-webnn/plan/program.ts";
import { byteLengthOf } from "../../core-webnn/util/data-type.ts";
import type { DeviceFacts } from "../../core-webnn/util/device-facts.ts";
import { evaluateSize, type Sizes } from "../../core-webnn/util/size.ts";
import { unreachable } from "../../core-webnn/util/unreachable.ts";
import { cpuLikeFacts, createInterpreterDevice, gpuLikeFacts } from "./interpreter-device.ts";
import { decodeValues, encodeValues, type Numeric } from "./values.ts";

export interface Case {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, readonly Numeric[]>>;
  readonly constants?: Readonly<Record<string, Uint8Array>>;
  readonly sizes?: Sizes;
}

export type Outputs = Readonly<Record<string, readonly Numeric[]>>;

export interface NamedDevice {
  readonly name: string;
  readonly device: Device;
}

/** `open` makes a device that nothing else uses. */
export const deviceKinds: readonly {
  readonly name: string;
  readonly open: () => Promise<Device>;
}[] = [
  { name: "interpreter as cpu", open: async () => createInterpreterDevice(cpuLikeFacts) },
  { name: "interpreter as gpu", open: async () => createInterpreterDevice(gpuLikeFacts) },
  { name: "cpu", open: () => createCpuDevice({ threads: 1, sharedMemory: false }) },
];

/** Like the API's `compile`, but trusts no stage. */
export function compileChecked(graph: Graph, facts: DeviceFacts): Program {
  verifyGraph(graph);
  const passed = runPasses(graph, facts, (_, after) => verifyGraph(after));
  const program = planProgram(passed, lower(passed, facts));
  for (const { kernel, buffers, nodes } of [...program.prepare, ...program.steps]) {
    checkKernel(kernel);
    if (buffers.length > facts.maxBuffersPerKernel) {
      unreachable(`a kernel of ${nodes.join(", ")} has ${buffers.length} buffers`);
    }
  }
  return program;
}

/** Outputs by device, all of one case. */
export async function runOnDevices(test: Case): Promise<ReadonlyMap<string, Outputs>> {
  const results = new Map<string, Outputs>();
  for (const { name, open } of deviceKinds) {
    const device = await open();
    results.set(name, await runOnDevice(device, test));
    await device.destroy();
  }
  return results;
}

/** Leaves nothing on the device, also where the case fails. */
export async function runOnDevice(device: Device, test: Case): Promise<Outputs> {
  const { graph, constants = {} } = test;
  for (const [key, bytes] of Object.entries(constants)) await device.addConstant(key, bytes);
  try {
    await device.load(0, compileChecked(graph, device.facts));
    return await dispatchOnce(device, test);
  } finally {
    device.unload(0);
    for (const key of Object.keys(constants)) device.removeConstant(key);
  }
}

async function dispatchOnce(device: Device, test: Case): Promise<Outputs> {
  const { graph, inputs, sizes = {} } = test;
  const ports = [...graph.inputs, ...graph.outputs].map(({ name, value }, id) => {
    const { dataType, shape } = graph.values[value]!;
    return { name, id, dataType, count: countOf(shape, sizes) };
  });
  for (const { name, id, dataType, count } of ports) {
    await device.createTensor(id, byteLengthOf(dataType, count));
    if (name in inputs) device.writeTensor(id, encodeValues(dataType, inputs[name]!));
  }
  const tensors = Object.fromEntries(ports.map(({ name, id }) => [name, id]));
  device.dispatch(0, { tensors, sizes });
  const read = ports.slice(graph.inputs.length).map(async ({ name, id, dataType, count }) => {
    return [name, decodeValues(dataType, await device.readTensor(id), count)] as const;
  });
  try {
    return Object.fromEntries(await Promise.all(read));
  } finally {
    ports.forEach(({ id }) => device.destroyTensor(id));
  }
}

function countOf(shape: Value["shape"], sizes: Sizes): number {
  return shape.reduce<number>((count, size) => count * evaluateSize(size, sizes), 1);
}

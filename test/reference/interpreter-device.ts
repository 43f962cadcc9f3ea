/** A device that interprets: slow, literal, and the same interface as the real ones. */
import { interpret, bufferView } from "../../core-webnn/kernel/interpret.ts";
import type { Binding, Device } from "../../core-webnn/plan/device.ts";
import type { Program, Step } from "../../core-webnn/plan/program.ts";
import { byteLengthOf, dataTypes } from "../../core-webnn/util/data-type.ts";
import type { DeviceFacts } from "../../core-webnn/util/device-facts.ts";
import { evaluateSize, type Sizes } from "../../core-webnn/util/size.ts";

export const cpuLikeFacts: DeviceFacts = {
  name: "cpu",
  dataTypes: [...dataTypes, "int4", "uint4"],
  maxTensorByteLength: 2 ** 31,
  maxBuffersPerKernel: 64,
  contraction: { operands: "strided", panelWidth: 8, encodedAlongK: true },
};

export const gpuLikeFacts: DeviceFacts = {
  ...cpuLikeFacts,
  name: "gpu",
  maxBuffersPerKernel: 8,
  contraction: { operands: "any", panelWidth: 0, encodedAlongK: false },
};

interface Loaded {
  readonly program: Program;
  readonly prepared: ReadonlyMap<number, Uint8Array>;
}

export function createInterpreterDevice(facts: DeviceFacts = cpuLikeFacts): Device {
  const tensors = new Map<number, Uint8Array>();
  const constants = new Map<string, Uint8Array>();
  const programs = new Map<number, Loaded>();
  let failure: unknown;
  let dispatches = 0;
  let kernelsRun = 0;
  let lose: (info: { message: string }) => void = () => {};
  const lost = new Promise<{ message: string }>((resolve) => (lose = resolve));

  const runSteps = (
    program: Program,
    steps: readonly Step[],
    bytes: Map<number, Uint8Array>,
    sizes: Sizes,
  ): void => {
    for (const { kernel, buffers } of steps) {
      const views = buffers.map((buffer) => {
        const { dataType, elementCount, place } = program.buffers[buffer]!;
        const known =
          bytes.get(buffer) ?? (place.kind === "constant" ? constants.get(place.key) : undefined);
        const length = byteLengthOf(dataType, evaluateSize(elementCount, sizes));
        const own = known ?? new Uint8Array(length);
        bytes.set(buffer, own);
        return bufferView(dataType, own);
      });
      interpret(kernel, views, sizes);
      kernelsRun++;
    }
  };

  return {
    facts,
    lost,
    createTensor: async (id, byteLength) => void tensors.set(id, new Uint8Array(byteLength)),
    destroyTensor: (id) => void tensors.delete(id),
    writeTensor: (id, bytes) => tensors.get(id)!.set(bytes),
    readTensor: async (id) => {
      if (failure !== undefined) throw failure;
      return tensors.get(id)!.slice();
    },
    addConstant: async (key, bytes) => void constants.set(key, bytes.slice()),
    removeConstant: () => {},
    load: async (id, program) => {
      const prepared = new Map<number, Uint8Array>();
      runSteps(program, program.prepare, prepared, {});
      programs.set(id, { program, prepared });
    },
    unload: (id) => void programs.delete(id),
    dispatch(id, { tensors: named, sizes }: Binding) {
      const { program, prepared } = programs.get(id)!;
      const bytes = new Map(prepared);
      for (const { name, buffer } of [...program.inputs, ...program.outputs]) {
        bytes.set(buffer, tensors.get(named[name]!)!);
      }
      try {
        runSteps(program, program.steps, bytes, sizes);
      } catch (error) {
        failure = error;
      }
      dispatches++;
    },
    statistics: async () => ({
      description: "interpreter",
      threads: 1,
      dispatches,
      kernelsRun,
      bytes: { constants: 0, prepared: 0, arena: 0, tensors: 0 },
    }),
    destroy: async () => lose({ message: "the context was destroyed" }),
  };
}

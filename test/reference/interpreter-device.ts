/**
 * A device that interprets programs: what every device must agree with. It checks each kernel, and
 * keeps a log of its commands for the tests of the API.
 */
import type { Backend } from "../../core-webnn/api/backend.ts";
import { compile } from "../../core-webnn/api/compile.ts";
import { checkKernel } from "../../core-webnn/kernel/check.ts";
import { bufferView, interpret } from "../../core-webnn/kernel/interpret.ts";
import type { Binding, Device } from "../../core-webnn/plan/device.ts";
import type { Place, Program, Step } from "../../core-webnn/plan/program.ts";
import { byteLengthOf, dataTypes } from "../../core-webnn/util/data-type.ts";
import type { DeviceFacts } from "../../core-webnn/util/device-facts.ts";
import { evaluateSize, type Sizes } from "../../core-webnn/util/size.ts";

export const cpuLikeFacts: DeviceFacts = {
  name: "cpu",
  dataTypes: [...dataTypes, "int4", "uint4"],
  maxTensorByteLength: 2 ** 31 - 1,
  maxBuffersPerKernel: 64,
  contraction: { operands: "strided", panelWidth: 8, encodedAlongK: true },
};

export const gpuLikeFacts: DeviceFacts = {
  ...cpuLikeFacts,
  name: "gpu",
  maxBuffersPerKernel: 8,
  contraction: { operands: "any", panelWidth: 0, encodedAlongK: false },
};

export interface InterpreterDevice extends Device {
  readonly log: readonly string[];
  /** Ends the device as an accident would. */
  readonly lose: (message: string) => void;
}

export function interpreterBackend(
  facts: DeviceFacts = cpuLikeFacts,
): Backend & { readonly device: InterpreterDevice } {
  const device = createInterpreterDevice(facts);
  return {
    device,
    build: (id, graph) => device.load(id, compile(graph, facts)),
    close: () => device.destroy(),
    threads: { compile: "this thread", dispatch: "this thread" },
  };
}

export function createInterpreterDevice(facts: DeviceFacts = cpuLikeFacts): InterpreterDevice {
  const log: string[] = [];
  const tensors = new Map<number, Uint8Array<ArrayBuffer>>();
  const constants = new Map<string, Uint8Array>();
  const programs = new Map<number, Loaded>();
  let failure: { readonly error: unknown } | undefined;
  let lose: (info: { message: string }) => void;
  const lost = new Promise<{ message: string }>((resolve) => (lose = resolve));
  return {
    facts,
    lost,
    log,
    lose: (message) => lose({ message }),
    async createTensor(id, byteLength) {
      log.push(`createTensor ${byteLength}`);
      tensors.set(id, new Uint8Array(byteLength));
    },
    destroyTensor(id) {
      log.push("destroyTensor");
      tensors.delete(id);
    },
    writeTensor(id, bytes) {
      log.push("writeTensor");
      tensors.get(id)!.set(bytes);
    },
    async readTensor(id) {
      log.push("readTensor");
      if (failure !== undefined) throw failure.error;
      return tensors.get(id)!.slice();
    },
    async addConstant(key, bytes) {
      log.push(`addConstant ${bytes.byteLength}`);
      constants.set(key, bytes.slice());
    },
    removeConstant(key) {
      log.push("removeConstant");
      constants.delete(key);
    },
    async load(id, program) {
      log.push("load");
      programs.set(id, load(program, constants));
    },
    unload(id) {
      log.push("unload");
      programs.delete(id);
    },
    dispatch(id, binding) {
      log.push("dispatch");
      try {
        run(programs.get(id)!, binding, tensors);
      } catch (error) {
        failure = { error };
      }
    },
    statistics: async () => ({
      description: "interpreter",
      threads: 1,
      dispatches: log.filter((line) => line === "dispatch").length,
      kernelsRun: 0,
      bytes: { constants: 0, prepared: 0, arena: 0, tensors: 0 },
    }),
    async destroy() {
      log.push("destroy");
      lose({ message: "destroyed" });
    },
  };
}

/** Buffers that live as long as the program, by their index. */
interface Loaded {
  readonly program: Program;
  readonly resident: ReadonlyMap<number, Uint8Array>;
}

function load(program: Program, constants: ReadonlyMap<string, Uint8Array>): Loaded {
  const resident = new Map<number, Uint8Array>();
  program.buffers.forEach(({ place }, i) => {
    if (place.kind === "constant") resident.set(i, constants.get(place.key)!);
    if (place.kind === "prepared") resident.set(i, new Uint8Array(byteLength(program, i, {})));
  });
  program.prepare.forEach((step) => runStep(step, (i) => resident.get(i)!, program, {}));
  return { program, resident };
}

function run(
  { program, resident }: Loaded,
  { tensors: bound, sizes }: Binding,
  tensors: ReadonlyMap<number, Uint8Array>,
): void {
  const buffers = program.buffers.map(({ place }, i) =>
    isBound(place)
      ? tensors.get(bound[place.name]!)!
      : (resident.get(i) ?? new Uint8Array(byteLength(program, i, sizes))),
  );
  program.steps.forEach((step) => runStep(step, (i) => buffers[i]!, program, sizes));
}

function isBound(place: Place): place is Extract<Place, { readonly name: string }> {
  return place.kind === "input" || place.kind === "output";
}

function runStep(
  { kernel, buffers }: Step,
  bytesOf: (buffer: number) => Uint8Array,
  program: Program,
  sizes: Sizes,
): void {
  checkKernel(kernel);
  const views = buffers.map((i) => bufferView(program.buffers[i]!.dataType, bytesOf(i)));
  interpret(kernel, views, sizes);
}

function byteLength({ buffers }: Program, buffer: number, sizes: Sizes): number {
  const { dataType, elementCount } = buffers[buffer]!;
  return byteLengthOf(dataType, evaluateSize(elementCount, sizes));
}

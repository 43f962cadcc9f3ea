/**
 * A device that interprets programs: what every device must agree with. It checks each kernel, and
 * keeps a log of its commands for the tests of the API.
 */
import type { Backend } from "../../core-webnn/api/backend.ts";
import { compile } from "../../core-webnn/api/compile.ts";
import { checkKernel } from "../../core-webnn/kernel/check.ts";
import { bufferView, interpret } from "../../core-webnn/kernel/interpret.ts";
import type { Binding, Device } from "../../core-webnn/plan/device.ts";
import type { Place, Port, Program, Step } from "../../core-webnn/plan/program.ts";
import { byteLengthOf, storageTypes } from "../../core-webnn/util/data-type.ts";
import type { DeviceFacts } from "../../core-webnn/util/device-facts.ts";
import { deviceLost } from "../../core-webnn/util/device-lost.ts";
import { evaluateSize, type Sizes } from "../../core-webnn/util/size.ts";

export const cpuLikeFacts: DeviceFacts = {
  name: "cpu",
  dataTypes: storageTypes,
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
  /** Why a tensor does not hold what it should. */
  const failures = new Map<number, unknown>();
  let resolveLost: (info: { message: string }) => void;
  const lost = new Promise<{ message: string }>((resolve) => (resolveLost = resolve));
  let lostMessage: string | undefined;
  const lose = (message: string): void => {
    lostMessage ??= message;
    resolveLost({ message });
  };
  const answer = async <T>(line: string, command: () => T): Promise<T> => {
    log.push(line);
    if (lostMessage !== undefined) throw deviceLost(lostMessage);
    return command();
  };
  return {
    facts,
    lost,
    log,
    lose,
    createTensor: (id, byteLength) =>
      answer(`createTensor ${byteLength}`, () => void tensors.set(id, new Uint8Array(byteLength))),
    destroyTensor(id) {
      log.push("destroyTensor");
      tensors.delete(id);
    },
    writeTensor(id, bytes) {
      log.push("writeTensor");
      failures.delete(id);
      tensors.get(id)?.set(bytes);
    },
    readTensor: (id) =>
      answer("readTensor", () => {
        if (failures.has(id)) throw failures.get(id);
        return tensors.get(id)!.slice();
      }),
    addConstant: (key, bytes) =>
      answer(`addConstant ${bytes.byteLength}`, () => void constants.set(key, bytes.slice())),
    removeConstant(key) {
      log.push("removeConstant");
      constants.delete(key);
    },
    load: (id, program) => answer("load", () => void programs.set(id, load(program, constants))),
    unload(id) {
      log.push("unload");
      programs.delete(id);
    },
    dispatch(id, binding) {
      log.push("dispatch");
      const { program } = programs.get(id)!;
      const bound = (port: Port): number => binding.tensors[port.name]!;
      const failed = program.inputs.map(bound).find((tensor) => failures.has(tensor));
      const outputs = program.outputs.map(bound);
      outputs.forEach((tensor) => failures.delete(tensor));
      try {
        if (failed !== undefined) throw failures.get(failed);
        run(programs.get(id)!, binding, tensors);
      } catch (error) {
        outputs.forEach((tensor) => failures.set(tensor, error));
      }
    },
    statistics: async () => ({
      description: "interpreter",
      threads: 1,
      dispatches: log.filter((line) => line === "dispatch").length,
      kernelsRun: 0,
      bytes: { constants: 0, prepared: 0, arena: 0, tensors: 0 },
      reservedByteLength: 0,
    }),
    async destroy() {
      log.push("destroy");
      lose("destroyed");
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
      : (resident.get(i) ?? allocate(byteLength(program, i, sizes))),
  );
  program.steps.forEach((step) => runStep(step, (i) => buffers[i]!, program, sizes));
}

/** Node 24 would hand out terabytes, and interpreting them would not end. */
function allocate(byteLength: number): Uint8Array<ArrayBuffer> {
  const most = cpuLikeFacts.maxTensorByteLength;
  if (byteLength > most) throw new RangeError(`no memory for ${byteLength} bytes, at most ${most}`);
  return new Uint8Array(byteLength);
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

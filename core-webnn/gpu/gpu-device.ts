/**
 * The GPU device: see plan/device.ts for the contract.
 *
 * WebGPU runs what it is given in order and tells of errors later. So each tensor has an outcome: a promise
 * of what went wrong with what wrote it. A dispatch hands the outcomes of its inputs on to its
 * outputs, and `readTensor` rejects with what it finds. Commands take effect at once, except behind a
 * `load` that is still compiling.
 */
import type { Binding, Device, DeviceStatistics, Lending } from "../plan/device.ts";
import type { Place, Program } from "../plan/program.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { deviceLost } from "../util/device-lost.ts";
import { InOrder } from "../util/in-order.ts";
import { unreachable } from "../util/unreachable.ts";
import type { EmittedProgram } from "./emit-program.ts";
import type { ShaderFacts } from "./emit-wgsl.ts";
import { gpuFacts } from "./gpu-facts.ts";
import { loadProgram, type Workshop } from "./gpu-loader.ts";
import { allocate, upload, type Allocation } from "./gpu-memory.ts";
import type { GpuProgram } from "./gpu-program.ts";
import { GpuResidents } from "./gpu-residents.ts";
import { firstOf, GpuRunner } from "./gpu-runner.ts";
import { lendBuffer } from "./lend-buffer.ts";
import { Pipelines } from "./pipelines.ts";
import { readBuffer } from "./read-buffer.ts";

export interface Foundation {
  readonly device: GPUDevice;
  /** Whether `destroy` ends the WebGPU device too. */
  readonly isOwn: boolean;
  readonly shaderFacts: ShaderFacts;
  readonly emit: (program: Program, facts: ShaderFacts) => Promise<EmittedProgram>;
  /** Kept alive: Dawn for Node frees what nobody refers to, devices or not. */
  readonly gpu: GPU | undefined;
}

interface Tensor {
  readonly byteLength: number;
  /** None if the device's limits forbade it: then `outcome` says so. */
  readonly allocation: Allocation | undefined;
  outcome: Promise<Error | undefined>;
}

export class GpuDevice implements Device {
  readonly facts: DeviceFacts;
  readonly lost: Promise<{ readonly message: string }>;
  readonly lending: Lending = {
    isFor: (gpuDevice) => gpuDevice === this.#device,
    lend: (id, onReturn) => this.#lend(id, onReturn),
  };
  readonly #foundation: Foundation;
  readonly #device: GPUDevice;
  readonly #commands = new InOrder();
  readonly #runner: GpuRunner;
  readonly #workshop: Workshop;
  readonly #tensors = new Map<number, Tensor>();
  readonly #programs = new Map<number, GpuProgram>();
  #lostMessage: string | undefined;
  #resolveLost: (lost: { readonly message: string }) => void = () => {};
  #dispatches = 0;
  #kernelsRun = 0;

  constructor(foundation: Foundation) {
    const { device, emit, shaderFacts } = foundation;
    this.#foundation = foundation;
    this.#device = device;
    this.facts = gpuFacts(device);
    this.lost = new Promise((resolve) => (this.#resolveLost = resolve));
    void device.lost.then(({ message }) => this.#end(message || "the GPU device was lost"));
    this.#runner = new GpuRunner(device);
    this.#workshop = {
      device,
      pipelines: new Pipelines(device),
      constants: new GpuResidents(),
      prepared: new GpuResidents(),
      emit: (program) => emit(program, shaderFacts),
      run: (program) => this.#runPreparation(program),
    };
  }

  createTensor(id: number, byteLength: number): Promise<void> {
    return this.#answer(() => {
      if (this.#tensors.has(id)) unreachable(`tensor ${id} exists`);
      try {
        const allocation = allocate(this.#device, byteLength, `tensor ${id}`);
        this.#tensors.set(id, { byteLength, allocation, outcome: allocation.failure });
        return settle(allocation.failure);
      } catch (error) {
        const outcome = Promise.resolve(asError(error));
        this.#tensors.set(id, { byteLength, allocation: undefined, outcome });
        throw error;
      }
    });
  }

  destroyTensor(id: number): void {
    this.#command(() => {
      this.#tensor(id).allocation?.buffer.destroy();
      this.#tensors.delete(id);
    });
  }

  writeTensor(id: number, bytes: Uint8Array): void {
    const copied = this.#commands.isBusy ? bytes.slice() : bytes;
    this.#command(() => {
      const tensor = this.#tensor(id);
      if (tensor.allocation === undefined) return; // Its creator has been told.
      if (copied.byteLength !== tensor.byteLength) {
        unreachable(`${copied.byteLength} bytes for tensor ${id} of ${tensor.byteLength}`);
      }
      upload(this.#device, tensor.allocation.buffer, copied);
      tensor.outcome = tensor.allocation.failure;
    });
  }

  readTensor(id: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#answer(() => {
      const { allocation, outcome, byteLength } = this.#tensor(id);
      if (allocation === undefined) return outcome.then((error) => Promise.reject(error));
      const bytes = readBuffer(this.#device, allocation.buffer, byteLength);
      return this.#afterwards(outcome, bytes);
    });
  }

  addConstant(key: string, bytes: Uint8Array): Promise<void> {
    const copied = this.#commands.isBusy ? bytes.slice() : bytes;
    return this.#answer(() => this.#addConstant(key, copied));
  }

  removeConstant(key: string): void {
    this.#command(() => {
      const { constants } = this.#workshop;
      // Adding it failed, and its caller has been told.
      if (constants.get(key) !== undefined) constants.forget(key);
    });
  }

  load(id: number, program: Program): Promise<void> {
    return this.#commands.run(async () => {
      this.#checkPresent();
      if (this.#programs.has(id)) unreachable(`program ${id} is loaded`);
      const ready = await loadProgram(this.#workshop, id, program);
      this.#checkPresent();
      this.#programs.set(id, ready);
    });
  }

  unload(id: number): void {
    this.#command(() => {
      // Loading it may have failed, and its caller has been told.
      this.#programs.get(id)?.destroy();
      if (!this.#programs.delete(id)) return;
      const { constants, prepared, pipelines } = this.#workshop;
      for (const held of [constants, prepared, pipelines]) held.letGo(id);
      this.#runner.arena.release(); // The next dispatch takes what the programs that are left need.
    });
  }

  dispatch(id: number, binding: Binding): void {
    this.#command(() => {
      const program = this.#programs.get(id) ?? unreachable(`program ${id} is not loaded`);
      const outcome = this.#dispatch(program, binding);
      this.#dispatches++;
      for (const { name } of program.program.outputs) {
        const tensor = this.#bound(binding, name);
        if (tensor !== undefined) tensor.outcome = outcome;
      }
    });
  }

  statistics(): Promise<DeviceStatistics> {
    return this.#answer(() => {
      const { constants, prepared } = this.#workshop;
      const sum = (lengths: Iterable<number>): number => [...lengths].reduce((a, b) => a + b, 0);
      const uniforms = sum([...this.#programs.values()].map((program) => program.byteLength));
      const bytes = {
        constants: constants.byteLength,
        prepared: prepared.byteLength,
        arena: this.#runner.arena.byteLength + uniforms,
        tensors: sum([...this.#tensors.values()].map(({ byteLength }) => byteLength)),
      };
      return Promise.resolve({
        description: describe(this.#device),
        threads: 1,
        dispatches: this.#dispatches,
        kernelsRun: this.#kernelsRun,
        bytes,
        reservedByteLength: sum(Object.values(bytes)),
      });
    });
  }

  async destroy(): Promise<void> {
    this.#end("it was destroyed");
    if (this.#foundation.isOwn) this.#device.destroy();
  }

  #lend(id: number, onReturn: () => void): GPUBuffer {
    if (this.#commands.areWaiting) {
      const says = "commands wait for a graph that is being built: export when it is";
      throw new DOMException(says, "InvalidStateError");
    }
    this.#checkPresent();
    const tensor = this.#tensor(id);
    const { buffer } = tensor.allocation ?? unreachable(`tensor ${id} has no memory`);
    return lendBuffer(this.#device, buffer, tensor.byteLength, () => {
      onReturn();
      return this.#tensors.get(id) === tensor ? buffer : undefined;
    });
  }

  /** The bytes, unless something went wrong with what wrote them. */
  async #afterwards<T>(outcome: Promise<Error | undefined>, bytes: Promise<T>): Promise<T> {
    const result = await bytes.catch(asError);
    const error = (await outcome) ?? (result instanceof Error ? result : undefined);
    if (error === undefined) return bytes;
    this.#checkPresent();
    throw error;
  }

  #addConstant(key: string, bytes: Uint8Array): Promise<void> {
    const { constants } = this.#workshop;
    const known = constants.get(key);
    if (known !== undefined && known.byteLength !== bytes.byteLength) {
      const lengths = `${known.byteLength} bytes, not ${bytes.byteLength}`;
      throw new TypeError(`constant '${key}' is on this device with ${lengths}`);
    }
    const allocation = known ?? allocate(this.#device, bytes.byteLength, `constant '${key}'`);
    if (known === undefined) {
      upload(this.#device, allocation.buffer, bytes);
      constants.add(key, allocation);
    }
    constants.want(key);
    return settle(allocation.failure, () => constants.forget(key));
  }

  /** Submits the program; resolves with what goes wrong, now or later. */
  #dispatch(program: GpuProgram, binding: Binding): Promise<Error | undefined> {
    try {
      this.#checkBinding(program, binding);
      const { kernels, failure } = this.#runner.run(program, binding.sizes, (place) =>
        this.#bufferOf(place, binding),
      );
      this.#kernelsRun += kernels;
      const before = program.program.inputs.map(({ name }) => this.#bound(binding, name)!.outcome);
      return firstOf(...before, failure);
    } catch (error) {
      return Promise.resolve(asError(error));
    }
  }

  async #runPreparation(program: GpuProgram): Promise<void> {
    const { kernels, failure } = this.#runner.run(program, {}, (place) =>
      this.#bufferOf(place, { tensors: {}, sizes: {} }),
    );
    this.#kernelsRun += kernels;
    await settle(failure);
  }

  /** Every size has a value, and every port a tensor that is long enough. */
  #checkBinding(program: GpuProgram, binding: Binding): void {
    checkSizes(program.program, binding.sizes);
    for (const { kind, name, byteLength } of program.portsAt(binding.sizes)) {
      const tensor = this.#bound(binding, name);
      if (tensor === undefined) throw new TypeError(`no tensor is bound to the ${kind} '${name}'`);
      if (tensor.byteLength >= byteLength) continue;
      const lengths = `${tensor.byteLength} bytes, needs ${byteLength}`;
      throw new RangeError(`the tensor of the ${kind} '${name}' has ${lengths}`);
    }
  }

  #bufferOf(place: Exclude<Place, { kind: "arena" }>, binding: Binding): GPUBuffer {
    const { constants, prepared } = this.#workshop;
    switch (place.kind) {
      case "constant":
      case "prepared": {
        const allocation = (place.kind === "constant" ? constants : prepared).get(place.key);
        return allocation?.buffer ?? unreachable(`no bytes for '${place.key}'`);
      }
      case "input":
      case "output": {
        const tensor = this.#bound(binding, place.name);
        if (tensor?.allocation !== undefined) return tensor.allocation.buffer;
        throw new TypeError(`no tensor is bound to the ${place.kind} '${place.name}'`);
      }
      default:
        return place satisfies never;
    }
  }

  #bound({ tensors }: Binding, name: string): Tensor | undefined {
    const id = tensors[name];
    return id === undefined ? undefined : this.#tensors.get(id);
  }

  #tensor(id: number): Tensor {
    return this.#tensors.get(id) ?? unreachable(`tensor ${id} does not exist`);
  }

  #end(message: string): void {
    if (this.#lostMessage !== undefined) return;
    this.#lostMessage = message;
    for (const { allocation } of this.#tensors.values()) allocation?.buffer.destroy();
    for (const program of this.#programs.values()) program.destroy();
    this.#tensors.clear();
    this.#programs.clear();
    this.#workshop.constants.destroy();
    this.#workshop.prepared.destroy();
    this.#runner.destroy();
    this.#resolveLost({ message });
  }

  #checkPresent(): void {
    if (this.#lostMessage !== undefined) throw deviceLost(this.#lostMessage);
  }

  /** A command whose answer comes later, while the commands behind it go on. */
  async #answer<T>(command: () => Promise<T>): Promise<T> {
    const { answer } = await this.#commands.run(() => {
      this.#checkPresent();
      return { answer: command() };
    });
    return answer;
  }

  /** What returns nothing has nobody to tell that the device is gone: `lost` does. */
  #command(action: () => void): void {
    void this.#commands.run(() => {
      if (this.#lostMessage === undefined) action();
    });
  }
}

/** Browsers hide some of it, and older ones all. */
function describe({ adapterInfo }: { readonly adapterInfo?: GPUAdapterInfo }): string {
  const { vendor, architecture, description } = adapterInfo ?? {};
  return [vendor, architecture, description].filter(Boolean).join(" ") || "WebGPU";
}

/** Rejects with the failure, if there is one. */
async function settle(failure: Promise<Error | undefined>, onFailure?: () => void): Promise<void> {
  const error = await failure;
  if (error === undefined) return;
  onFailure?.();
  throw error;
}

function checkSizes({ sizeNames }: Program, sizes: Binding["sizes"]): void {
  for (const name of sizeNames) {
    const value = sizes[name];
    if (Number.isSafeInteger(value) && value! >= 0) continue;
    throw new RangeError(`the size '${name}' is ${value}: must be an integer from 0`);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

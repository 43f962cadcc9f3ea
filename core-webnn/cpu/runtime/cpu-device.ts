/**
 * The CPU device: WebAssembly on the thread that calls it, and on helper threads where there are any.
 *
 * See plan/device.ts for the contract. Commands take effect before they return. A dispatch that fails marks the
 * tensors it was to write with its error; the mark goes when the tensor is written again, and passes on to what a
 * dispatch computes from it.
 */
import type { Binding, Device, DeviceStatistics } from "../../plan/device.ts";
import type { Program } from "../../plan/program.ts";
import { deviceLost } from "../../util/device-lost.ts";
import { unreachable } from "../../util/unreachable.ts";
import type { Executable, Workshop } from "./executable.ts";
import { cpuFacts } from "../features.ts";
import type { PortWords } from "./frame.ts";
import { loadProgram, type Stores } from "./loader.ts";
import type { Block } from "./memory.ts";
import { Residents } from "./residents.ts";
import { SharedArena } from "./shared-arena.ts";
import { Team } from "./team.ts";

interface Tensor {
  readonly byteLength: number;
  /** None if there was no memory for it: then `error` says so. */
  readonly block: Block | undefined;
  /** Why it does not hold what it should. */
  error: Error | undefined;
}

/** All that goes when the device is lost. */
interface Contents extends Workshop, Stores {
  readonly tensors: Map<number, Tensor>;
  readonly programs: Map<number, Executable>;
}

export type Foundation = Pick<Workshop, "memory" | "features" | "emit"> & {
  readonly threads: number;
  readonly startTeam: (onLoss: (reason: string) => void) => Team;
};

export class CpuDevice implements Device {
  readonly facts = cpuFacts;
  readonly lost: Promise<{ readonly message: string }>;
  readonly #threads: number;
  readonly #description: string;
  #contents: Contents | undefined;
  #lostMessage = "";
  #resolveLost: (lost: { readonly message: string }) => void = () => {};
  #dispatches = 0;
  #kernelsRun = 0;

  constructor({ memory, features, emit, threads, startTeam }: Foundation) {
    this.lost = new Promise((resolve) => (this.#resolveLost = resolve));
    this.#threads = threads;
    this.#description = features.relaxedSimd ? "wasm relaxed-simd" : "wasm simd";
    this.#contents = {
      memory,
      features,
      emit,
      team: startTeam((reason) => void this.#end(reason)),
      arena: new SharedArena(memory),
      constants: new Residents(memory),
      prepared: new Residents(memory),
      tensors: new Map(),
      programs: new Map(),
    };
  }

  async createTensor(id: number, byteLength: number): Promise<void> {
    const { memory, tensors } = this.#present();
    if (tensors.has(id)) unreachable(`tensor ${id} exists`);
    try {
      checkByteLength(byteLength);
      const block = memory.allocate(byteLength, "a tensor");
      memory.fill(block, 0);
      tensors.set(id, { byteLength, block, error: undefined });
    } catch (error) {
      tensors.set(id, { byteLength, block: undefined, error: asError(error) });
      throw error;
    }
  }

  destroyTensor(id: number): void {
    this.#command(({ memory, tensors }) => {
      const { block } = tensorIn(tensors, id);
      if (block !== undefined) memory.release(block);
      tensors.delete(id);
    });
  }

  writeTensor(id: number, bytes: Uint8Array): void {
    this.#command(({ memory, tensors }) => {
      const tensor = tensorIn(tensors, id);
      if (tensor.block === undefined) return; // Its creator has been told.
      if (bytes.byteLength !== tensor.byteLength) {
        unreachable(`${bytes.byteLength} bytes for tensor ${id} of ${tensor.byteLength}`);
      }
      memory.write(tensor.block, bytes);
      tensor.error = undefined;
    });
  }

  async readTensor(id: number): Promise<Uint8Array<ArrayBuffer>> {
    const { memory, tensors } = this.#present();
    return memory.read(intactBlock(tensorIn(tensors, id)));
  }

  async addConstant(key: string, bytes: Uint8Array): Promise<void> {
    const { memory, constants } = this.#present();
    const known = constants.blockOf(key);
    if (known === undefined) {
      const block = memory.allocate(bytes.byteLength, `constant '${key}'`);
      memory.write(block, bytes);
      constants.add(key, block);
    } else if (!memory.holds(known, bytes)) {
      throw new TypeError(`constant '${key}' is on this device with other bytes`);
    }
    constants.want(key);
  }

  removeConstant(key: string): void {
    this.#command(({ constants }) => {
      // Adding it failed, and its caller has been told.
      if (constants.blockOf(key) !== undefined) constants.forget(key);
    });
  }

  async load(id: number, program: Program): Promise<void> {
    const contents = this.#present();
    const { programs, team } = contents;
    if (programs.has(id)) unreachable(`program ${id} is loaded`);
    const executable = loadProgram(contents, contents, id, program, this.#threads);
    programs.set(id, executable);
    team.load(id, executable.module);
  }

  unload(id: number): void {
    this.#command(({ programs, constants, prepared, team, arena }) => {
      // Loading it may have failed, and its caller has been told.
      programs.get(id)?.release();
      if (!programs.delete(id)) return;
      constants.letGo(id);
      prepared.letGo(id);
      team.unload(id);
      arena.release(); // The next dispatch takes what the programs that are left need.
    });
  }

  dispatch(id: number, binding: Binding): void {
    this.#command((contents) => {
      const executable = contents.programs.get(id) ?? unreachable(`program ${id} is not loaded`);
      const outputs = executable.ports
        .filter(({ access }) => access === "output")
        .flatMap(({ name }) => tensorOf(contents.tensors, binding, name) ?? []);
      let failure: Error | undefined;
      this.#dispatches++;
      try {
        this.#kernelsRun += executable.run(binding.sizes, (port) =>
          blockOfPort(contents.tensors, binding, port),
        );
      } catch (error) {
        failure = asError(error);
      }
      for (const tensor of outputs) if (tensor.block !== undefined) tensor.error = failure;
    });
  }

  async statistics(): Promise<DeviceStatistics> {
    const { memory, constants, prepared, arena, programs, tensors } = this.#present();
    return {
      description: this.#description,
      threads: this.#threads,
      dispatches: this.#dispatches,
      kernelsRun: this.#kernelsRun,
      bytes: {
        constants: constants.byteLength,
        prepared: prepared.byteLength,
        arena: arena.byteLength + sum([...programs.values()].map((p) => p.byteLength)),
        tensors: sum([...tensors.values()].map(({ block }) => block?.byteLength ?? 0)),
      },
      reservedByteLength: memory.bytes.byteLength,
    };
  }

  destroy(): Promise<void> {
    return this.#end("it was destroyed");
  }

  async #end(message: string): Promise<void> {
    const contents = this.#contents;
    if (contents === undefined) return;
    this.#contents = undefined;
    this.#lostMessage = message;
    this.#resolveLost({ message });
    await contents.team.close();
    contents.memory.abandon();
  }

  #present(): Contents {
    if (this.#contents !== undefined) return this.#contents;
    throw deviceLost(this.#lostMessage);
  }

  /** What returns nothing has nobody to tell that the device is gone: `lost` does. */
  #command(action: (contents: Contents) => void): void {
    if (this.#contents !== undefined) action(this.#contents);
  }
}

function tensorIn(tensors: ReadonlyMap<number, Tensor>, id: number): Tensor {
  return tensors.get(id) ?? unreachable(`tensor ${id} does not exist`);
}

function tensorOf(
  tensors: ReadonlyMap<number, Tensor>,
  binding: Binding,
  name: string,
): Tensor | undefined {
  const id = binding.tensors[name];
  return id === undefined ? undefined : tensors.get(id);
}

function blockOfPort(
  tensors: ReadonlyMap<number, Tensor>,
  binding: Binding,
  { name, access }: PortWords,
): Block {
  const tensor = tensorOf(tensors, binding, name);
  if (tensor === undefined) throw new TypeError(`no tensor is bound to the ${access} '${name}'`);
  if (access === "output" && tensor.block !== undefined) return tensor.block;
  return intactBlock(tensor);
}

/** Throws the error of what was to write the tensor. */
function intactBlock({ block, error }: Tensor): Block {
  if (error !== undefined) throw error;
  return block ?? unreachable("a tensor without memory has an error");
}

function checkByteLength(byteLength: number): void {
  const most = cpuFacts.maxTensorByteLength;
  if (Number.isSafeInteger(byteLength) && byteLength >= 0 && byteLength <= most) return;
  throw new RangeError(`a tensor of ${byteLength} bytes: must be an integer from 0 to ${most}`);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

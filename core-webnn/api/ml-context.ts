/**
 * MLContext: the owner of tensors and graphs on one device (https://www.w3.org/TR/webnn/#api-mlcontext).
 *
 * Calls check their arguments at once; what they ask of the device happens in the order of the calls.
 */
import { check } from "../ops/shapes.ts";
import { standardRows } from "../ops/table.ts";
import type { Device } from "../plan/device.ts";
import type { StorageType } from "../util/data-type.ts";
import type { Backend } from "./backend.ts";
import { bindTensors } from "./bind-tensors.ts";
import {
  byteLengthOfShape,
  bytesFor,
  checkDescriptor,
  storageTypes,
  tensorTypes,
  toNumberDescriptor,
  type Checked,
  type MLOperandDescriptor,
  type MLTensorDescriptor,
} from "./descriptor.ts";
import { domException, messageOf } from "./errors.ts";
import { graphInternals, type MLGraph } from "./ml-graph.ts";
import {
  createTensor,
  newTensorInternals,
  tensorInternals,
  type MLTensor,
  type TensorInternals,
} from "./ml-tensor.ts";
import { supportLimits, type MLOpSupportLimits } from "./support-limits.ts";
import { toDictionary, toRecord } from "./webidl.ts";

export interface MLContextLostInfo {
  readonly message: string;
}

export type MLNamedTensors = Readonly<Record<string, MLTensor>>;

/** What builders and graphs may do with their context. */
export interface ContextInternals {
  readonly backend: Backend;
  readonly newId: () => number;
  readonly newKey: () => string;
  /** Registers what is destroyed with the context; gives how to forget it. */
  readonly own: (destroy: () => void) => () => void;
  /** Calls `release` when nothing refers to the object any more. */
  readonly whenForgotten: (object: object, release: () => void) => void;
  readonly refuseIfLost: () => void;
  /** Constant tensors that are destroyed meanwhile keep their bytes until `build` has settled. */
  readonly building: <T>(build: Promise<T>) => Promise<T>;
}

const key = Symbol("MLContext");

/** Holds the context weakly: one that its user has let go of is to be collected, though its device is there. */
let tellLoss: (
  context: WeakRef<MLContext>,
  resolve: (info: MLContextLostInfo) => void,
  device: Device,
) => Promise<void>;

export let createContext: (backend: Backend) => MLContext;
/** Undefined where the value is no MLContext of ours. */
export let contextInternals: (value: unknown) => ContextInternals | undefined;

export class MLContext {
  readonly #device: Device;
  readonly #internals: ContextInternals;
  readonly #owned = new Set<() => void>();
  readonly #builds = new Set<Promise<unknown>>();
  readonly #forgotten = new FinalizationRegistry<() => void>((release) => release());
  readonly #lost: Promise<MLContextLostInfo>;
  #lose: (info: MLContextLostInfo) => void = () => {};
  #isLost = false;
  #count = 0;

  private constructor(given: symbol, backend: Backend) {
    if (given !== key) throw new TypeError("Illegal constructor");
    const { device } = backend;
    this.#device = device;
    this.#lost = new Promise((resolve) => (this.#lose = resolve));
    this.#internals = {
      backend,
      newId: () => ++this.#count,
      newKey: () => `constant ${++this.#count}`,
      own: (destroy) => this.#own(destroy),
      whenForgotten: (object, release) => this.#forgotten.register(object, release),
      refuseIfLost: () => this.#refuseIfLost(),
      building: (build) => this.#building(build),
    };
    void tellLoss(new WeakRef(this), this.#lose, device);
  }

  /** Whether it runs on a massively parallel device; what was asked for may not be what there is. */
  get accelerated(): boolean {
    return this.#device.facts.name !== "cpu";
  }

  get lost(): Promise<MLContextLostInfo> {
    return this.#lost;
  }

  opSupportLimits(): MLOpSupportLimits {
    return supportLimits(standardRows, this.#device.facts);
  }

  async createTensor(descriptor: MLTensorDescriptor): Promise<MLTensor> {
    const checked = this.#checked(descriptor, tensorTypes);
    const { readable = false, writable = false } = toDictionary(descriptor, "descriptor");
    const id = this.#internals.newId();
    await this.#settled(this.#device.createTensor(id, byteLengthOfShape(checked)));
    return this.#newTensor(
      { ...checked, readable: Boolean(readable), writable: Boolean(writable) },
      { kind: "tensor", id },
      () => this.#device.destroyTensor(id),
    );
  }

  async createConstantTensor(
    descriptor: MLOperandDescriptor<number>,
    inputData: AllowSharedBufferSource,
  ): Promise<MLTensor> {
    const checked = this.#checked(descriptor, storageTypes);
    const bytes = bytesFor(inputData, checked, "inputData").slice();
    const constant = this.#internals.newKey();
    await this.#settled(this.#device.addConstant(constant, bytes));
    return this.#newTensor(
      { ...checked, readable: false, writable: false },
      { kind: "constant", key: constant },
      // A build that has begun may still need the bytes.
      () => void Promise.allSettled(this.#builds).then(() => this.#device.removeConstant(constant)),
    );
  }

  async readTensor(tensor: MLTensor): Promise<ArrayBuffer>;
  async readTensor(tensor: MLTensor, outputData: AllowSharedBufferSource): Promise<undefined>;
  async readTensor(
    tensor: MLTensor,
    outputData?: AllowSharedBufferSource,
  ): Promise<ArrayBuffer | undefined> {
    const internals = this.#usable(tensor, "tensor");
    const { descriptor, place } = internals;
    check(descriptor.readable && place.kind === "tensor", "tensor is not readable");
    if (outputData !== undefined) bytesFor(outputData, descriptor, "outputData");
    const bytes = await this.#read(tensor, internals, place.id);
    if (outputData === undefined) return bytes.buffer;
    // It may have been detached in the meantime.
    bytesFor(outputData, descriptor, "outputData").set(bytes);
    return undefined;
  }

  writeTensor(tensor: MLTensor, inputData: AllowSharedBufferSource): undefined {
    const { descriptor, place } = this.#usable(tensor, "tensor");
    check(descriptor.writable && place.kind === "tensor", "tensor is not writable");
    this.#device.writeTensor(place.id, bytesFor(inputData, descriptor, "inputData"));
  }

  dispatch(graph: MLGraph, inputs: MLNamedTensors, outputs: MLNamedTensors): undefined {
    const internals = graphInternals(graph);
    check(internals !== undefined, "graph is not an MLGraph");
    check(internals.context === this, "graph belongs to another context");
    if (internals.isDestroyed()) {
      throw domException("InvalidStateError", "the graph was destroyed");
    }
    const given = toRecord(inputs, (tensor, what) => this.#usable(tensor, what), "input");
    const taken = toRecord(outputs, (tensor, what) => this.#usable(tensor, what), "output");
    this.#device.dispatch(internals.id, bindTensors(internals, given, taken));
  }

  destroy(): undefined {
    if (this.#isLost) return;
    this.#loseWith("the context was destroyed");
    void this.#internals.backend.close();
  }

  #checked(value: unknown, types: readonly StorageType[]): Checked<number> {
    const descriptor = toNumberDescriptor(value, "descriptor");
    this.#refuseIfLost();
    checkDescriptor(descriptor, this.#device.facts, types, "descriptor");
    return descriptor;
  }

  #usable(tensor: unknown, what: string): TensorInternals {
    const internals = tensorInternals(tensor);
    check(internals !== undefined, `${what} is not an MLTensor`);
    check(internals.context === this, `${what} belongs to another context`);
    check(!internals.isDestroyed(), `${what} was destroyed`);
    return internals;
  }

  #newTensor(
    descriptor: TensorInternals["descriptor"],
    place: TensorInternals["place"],
    release: () => void,
  ): MLTensor {
    const internals = newTensorInternals({ context: this, descriptor, place }, () => {
      forget();
      release();
    });
    const forget = this.#own(internals.destroy);
    const tensor = createTensor(internals);
    this.#forgotten.register(tensor, internals.destroy);
    return tensor;
  }

  #read(
    tensor: MLTensor,
    { pending }: TensorInternals,
    id: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve, reject) => {
      pending.set(reject, tensor);
      this.#settled(this.#device.readTensor(id))
        .then(resolve, reject)
        .finally(() => pending.delete(reject));
    });
  }

  /** What a device command gave; its error as the spec has it. */
  async #settled<T>(command: Promise<T>): Promise<T> {
    const result = await command.catch((error: unknown) => {
      this.#refuseIfLost();
      throw domException("UnknownError", messageOf(error), error);
    });
    this.#refuseIfLost();
    return result;
  }

  async #building<T>(build: Promise<T>): Promise<T> {
    this.#builds.add(build);
    try {
      return await build;
    } finally {
      this.#builds.delete(build);
    }
  }

  #own(destroy: () => void): () => void {
    this.#owned.add(destroy);
    return () => void this.#owned.delete(destroy);
  }

  #refuseIfLost(): void {
    if (this.#isLost) throw domException("InvalidStateError", "the context is lost");
  }

  #loseWith(message: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#lose({ message });
    [...this.#owned].forEach((destroy) => destroy());
  }

  static {
    tellLoss = async (context, resolve, { lost }) => {
      const { message } = await lost;
      const present = context.deref();
      if (present === undefined) resolve({ message });
      else present.#loseWith(message);
    };
    createContext = (backend) => new MLContext(key, backend);
    contextInternals = (value) =>
      typeof value === "object" && value !== null && #internals in value
        ? value.#internals
        : undefined;
  }
}

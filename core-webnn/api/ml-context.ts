/**
 * MLContext: the owner of tensors and graphs on one device (https://www.w3.org/TR/webnn/#api-mlcontext).
 *
 * Calls check their arguments at once; what they ask of the device happens in the order of the calls.
 */
import { check } from "../ops/shapes.ts";
import { standardRows } from "../ops/table.ts";
import type { Device } from "../plan/device.ts";
import { isDeviceLost } from "../util/device-lost.ts";
import type { Backend } from "./backend.ts";
import { bindTensors } from "./bind-tensors.ts";
import {
  byteLengthOfShape,
  bytesFor,
  checkDescriptor,
  outputBytesFor,
  toBufferSource,
  toNumberDescriptor,
  toTensorDescriptor,
  type MLOperandDescriptor,
  type MLTensorDescriptor,
} from "./descriptor.ts";
import { domException, messageOf, namingOp } from "./errors.ts";
import { defineInterface } from "./interface.ts";
import { graphInternals, type MLGraph } from "./ml-graph.ts";
import {
  createTensor,
  newTensorInternals,
  tensorInternals,
  type MLTensor,
  type TensorInternals,
} from "./ml-tensor.ts";
import { supportLimits, type MLOpSupportLimits } from "./support-limits.ts";
import { isGPUDevice, toRecord } from "./webidl.ts";

export interface MLContextLostInfo {
  readonly message: string;
}

export type MLNamedTensors = Readonly<Record<string, MLTensor>>;

/** What builders and graphs may do with their context. */
export interface ContextInternals {
  readonly backend: Backend;
  readonly newId: () => number;
  readonly newKey: () => string;
  /** Registers what is destroyed with the context, which is told why; gives how to forget it. */
  readonly own: (destroy: (error: DOMException) => void) => () => void;
  /** Calls `release` when nothing refers to the object any more. */
  readonly whenForgotten: (object: object, release: () => void) => void;
  readonly refuseIfLost: () => void;
  /** What the device answers; rejects as soon as the context is lost, and with `failed(error)` where it fails otherwise. */
  readonly settled: <T>(
    command: Promise<T>,
    failed: (error: unknown) => DOMException,
  ) => Promise<T>;
  /** Constant tensors that are destroyed meanwhile keep their bytes until `build` has settled. */
  readonly building: <T>(build: Promise<T>) => Promise<T>;
}

const key = Symbol("MLContext");

/** Holds the context weakly: one that its user has let go of is to be collected, though its device is there. */
let tellLoss: (
  context: WeakRef<MLContext>,
  resolve: (info: MLContextLostInfo) => void,
  backend: Backend,
) => Promise<void>;

/** `accelerated` is what the context says of itself: by default, what its device is. */
export let createContext: (backend: Backend, accelerated?: boolean) => MLContext;
/** Undefined where the value is no MLContext of ours. */
export let contextInternals: (value: unknown) => ContextInternals | undefined;

export class MLContext {
  readonly #device: Device;
  readonly #internals: ContextInternals;
  readonly #accelerated: boolean;
  readonly #owned = new Set<(error: DOMException) => void>();
  readonly #builds = new Set<Promise<unknown>>();
  readonly #forgotten = new FinalizationRegistry<() => void>((release) => release());
  readonly #lost: Promise<MLContextLostInfo>;
  #lose: (info: MLContextLostInfo) => void = () => {};
  #lostMessage: string | undefined;
  #count = 0;

  private constructor(given: symbol, backend: Backend, accelerated?: boolean) {
    if (given !== key) throw new TypeError("Illegal constructor");
    const { device } = backend;
    this.#device = device;
    this.#accelerated = accelerated ?? device.facts.name !== "cpu";
    this.#lost = new Promise((resolve) => (this.#lose = resolve));
    this.#internals = {
      backend,
      newId: () => ++this.#count,
      newKey: () => `constant ${++this.#count}`,
      own: (destroy) => this.#own(destroy),
      whenForgotten: (object, release) => this.#forgotten.register(object, release),
      refuseIfLost: () => this.#refuseIfLost(),
      settled: (command, failed) => this.#settled(command, failed),
      building: (build) => this.#building(build),
    };
    void tellLoss(new WeakRef(this), this.#lose, backend);
  }

  /** What was asked for, as the standard's steps have it. What there is may be another: `devices` of a graph says where it runs. */
  get accelerated(): boolean {
    return this.#accelerated;
  }

  get lost(): Promise<MLContextLostInfo> {
    if (contextInternals(this) !== undefined) return this.#lost;
    // Getters of promises do not throw (https://webidl.spec.whatwg.org/#dfn-attribute-getter).
    return Promise.reject(new TypeError("lost: this is not an MLContext"));
  }

  opSupportLimits(): MLOpSupportLimits {
    return supportLimits(standardRows, this.#device.facts);
  }

  async createTensor(descriptor: MLTensorDescriptor): Promise<MLTensor> {
    const checked = namingOp("createTensor", "", () => this.#checkedTensor(descriptor));
    return this.#createTensor(checked, false);
  }

  /** `gpuDevice` must be the one that the context was created with. */
  async createExportableTensor(
    descriptor: MLTensorDescriptor,
    gpuDevice: GPUDevice,
  ): Promise<MLTensor> {
    const checked = namingOp("createExportableTensor", "", () => {
      const given = toTensorDescriptor(descriptor, "descriptor");
      check(isGPUDevice(gpuDevice), "gpuDevice is not a GPUDevice");
      return this.#checkedTensor(given);
    });
    if (this.#device.lending?.isFor(gpuDevice) !== true) {
      const says = "gpuDevice is not the one that the context was created with";
      throw domException("NotSupportedError", `createExportableTensor: ${says}`);
    }
    return this.#createTensor(checked, true);
  }

  async createConstantTensor(
    descriptor: MLOperandDescriptor,
    inputData: AllowSharedBufferSource,
  ): Promise<MLTensor> {
    const { checked, bytes } = namingOp("createConstantTensor", "", () => {
      const given = toNumberDescriptor(descriptor, "descriptor");
      toBufferSource(inputData, "inputData");
      this.#refuseIfLost();
      checkDescriptor(given, this.#device.facts, "descriptor");
      return { checked: given, bytes: bytesFor(inputData, given, "inputData") };
    });
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
    ...given: [MLTensor, AllowSharedBufferSource?]
  ): Promise<ArrayBuffer | undefined> {
    const [tensor, outputData] = given;
    const { internals, place } = namingOp("readTensor", "", () => {
      const found = toTensor(tensor, "tensor");
      if (given.length > 1) toBufferSource(outputData, "outputData");
      this.#checkUsable(found, "tensor");
      check(
        found.descriptor.readable && found.place.kind === "tensor",
        "tensor is not readable: it was created without `readable: true`",
      );
      if (given.length > 1) outputBytesFor(outputData, found.descriptor, "outputData");
      return { internals: found, place: found.place };
    });
    const bytes = await this.#read(tensor, internals, place.id);
    if (given.length < 2) return bytes.buffer;
    // It may have been detached in the meantime.
    namingOp("readTensor", "", () =>
      outputBytesFor(outputData, internals.descriptor, "outputData").set(bytes),
    );
    return undefined;
  }

  writeTensor(tensor: MLTensor, inputData: AllowSharedBufferSource): undefined {
    namingOp("writeTensor", "", () => {
      const internals = toTensor(tensor, "tensor");
      toBufferSource(inputData, "inputData");
      this.#checkUsable(internals, "tensor");
      const { descriptor, place } = internals;
      check(
        descriptor.writable && place.kind === "tensor",
        "tensor is not writable: it was created without `writable: true`",
      );
      this.#device.writeTensor(place.id, bytesFor(inputData, descriptor, "inputData"));
    });
  }

  dispatch(graph: MLGraph, inputs: MLNamedTensors, outputs: MLNamedTensors): undefined {
    namingOp("dispatch", "", () => {
      const internals = graphInternals(graph);
      check(internals !== undefined, "graph is not an MLGraph");
      const given = toRecord(inputs, toTensor, "input");
      const taken = toRecord(outputs, toTensor, "output");
      check(internals.context === this, "graph belongs to another context");
      if (internals.isDestroyed()) {
        this.#refuseIfLost();
        throw domException("InvalidStateError", "dispatch: the graph was destroyed");
      }
      given.forEach((tensor, name) => this.#checkUsable(tensor, `input '${name}'`));
      taken.forEach((tensor, name) => this.#checkUsable(tensor, `output '${name}'`));
      this.#device.dispatch(internals.id, bindTensors(internals, given, taken));
    });
  }

  /** Lends the tensor to its GPUDevice until the buffer is destroyed; the bytes are copied there and back. */
  exportToGPU(tensor: MLTensor): GPUBuffer {
    return namingOp("exportToGPU", "", () => {
      const internals = toTensor(tensor, "tensor");
      this.#refuseIfLost();
      this.#checkUsable(internals, "tensor");
      const { place, exported } = internals;
      const { lending } = this.#device;
      check(
        exported !== undefined && place.kind === "tensor" && lending !== undefined,
        "tensor is not exportable: it was not created by createExportableTensor",
      );
      const buffer = lending.lend(place.id, () => (exported.isLent = false));
      exported.isLent = true;
      return buffer;
    });
  }

  destroy(): undefined {
    this.#loseWith("the context was destroyed");
  }

  #checkedTensor(value: unknown): TensorInternals["descriptor"] {
    const descriptor = toTensorDescriptor(value, "descriptor");
    this.#refuseIfLost();
    checkDescriptor(descriptor, this.#device.facts, "descriptor");
    return descriptor;
  }

  #checkUsable(internals: TensorInternals, what: string): void {
    check(internals.context === this, `${what} belongs to another context`);
    check(!internals.isDestroyed(), `${what} was destroyed`);
    const isLent = internals.exported?.isLent === true;
    check(!isLent, `${what} is exported to a GPUBuffer that is not destroyed yet`);
  }

  async #createTensor(
    descriptor: TensorInternals["descriptor"],
    isExportable: boolean,
  ): Promise<MLTensor> {
    const id = this.#internals.newId();
    await this.#settled(this.#device.createTensor(id, byteLengthOfShape(descriptor)));
    const release = (): void => this.#device.destroyTensor(id);
    return this.#newTensor(descriptor, { kind: "tensor", id }, release, isExportable);
  }

  #newTensor(
    descriptor: TensorInternals["descriptor"],
    place: TensorInternals["place"],
    release: () => void,
    isExportable = false,
  ): MLTensor {
    const exported = isExportable ? { isLent: false } : undefined;
    const internals = newTensorInternals({ context: this, descriptor, place, exported }, () => {
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

  #settled<T>(
    command: Promise<T>,
    failed = (error: unknown) => domException("UnknownError", messageOf(error), error),
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = this.#own(reject);
      command.then(
        (result) => {
          forget();
          resolve(result);
        },
        (error: unknown) => {
          // The device says that it is lost, which rejects this when the context hears of it.
          if (isDeviceLost(error)) return;
          forget();
          reject(failed(error));
        },
      );
    });
  }

  async #building<T>(build: Promise<T>): Promise<T> {
    this.#builds.add(build);
    try {
      return await build;
    } finally {
      this.#builds.delete(build);
    }
  }

  #own(destroy: (error: DOMException) => void): () => void {
    this.#owned.add(destroy);
    return () => void this.#owned.delete(destroy);
  }

  #refuseIfLost(): void {
    if (this.#lostMessage !== undefined) throw lostError(this.#lostMessage);
  }

  #loseWith(message: string): void {
    if (this.#lostMessage !== undefined) return;
    this.#lostMessage = message;
    this.#lose({ message });
    const error = lostError(message);
    [...this.#owned].forEach((destroy) => destroy(error));
    this.#owned.clear();
    void this.#internals.backend.close();
  }

  static {
    tellLoss = async (context, resolve, { device: { lost }, ended }) => {
      const { message } = await (ended === undefined ? lost : Promise.race([lost, ended]));
      const present = context.deref();
      if (present === undefined) resolve({ message });
      else present.#loseWith(message);
    };
    createContext = (backend, accelerated) => new MLContext(key, backend, accelerated);
    contextInternals = (value) =>
      typeof value === "object" && value !== null && #internals in value
        ? value.#internals
        : undefined;
    defineInterface(MLContext, "MLContext", {
      createTensor: 1,
      createExportableTensor: 2,
      createConstantTensor: 2,
      readTensor: 1,
      writeTensor: 2,
      dispatch: 3,
      exportToGPU: 1,
    });
  }
}

function lostError(message: string): DOMException {
  return domException("InvalidStateError", `the context is lost: ${message}`);
}

function toTensor(value: unknown, what: string): TensorInternals {
  const internals = tensorInternals(value);
  check(internals !== undefined, `${what} is not an MLTensor`);
  return internals;
}

/** ML: where contexts come from (https://www.w3.org/TR/webnn/#api-ml). */
import { refuseIfNotAllowed } from "./allowed-to-use.ts";
import { domException, messageOf } from "./errors.ts";
import type { Backend } from "./backend.ts";
import { defineInterface } from "./interface.ts";
import { createContext, type MLContext } from "./ml-context.ts";
import { isGPUDevice, toDictionary, toEnum, toUnsignedLong } from "./webidl.ts";

const powerPreferences = ["default", "high-performance", "low-power"] as const;
const deviceTypes = ["cpu", "gpu", "npu"] as const;

export type MLPowerPreference = (typeof powerPreferences)[number];
export type MLDeviceType = (typeof deviceTypes)[number];

export interface MLContextOptions {
  readonly powerPreference?: MLPowerPreference;
  readonly accelerated?: boolean;
  /** Of an earlier standard, and still what frameworks pass. */
  readonly deviceType?: MLDeviceType;
  /** An extension: threads of the CPU device, the calling one aside. */
  readonly numThreads?: number;
}

/** What is asked of a backend: options with their defaults, or the device of the app. */
export interface ContextRequest {
  readonly powerPreference: MLPowerPreference;
  readonly accelerated?: boolean;
  readonly deviceType?: MLDeviceType;
  readonly numThreads?: number;
  readonly gpuDevice?: GPUDevice;
}

/** Rejects where there is no such device. */
export type OpenBackend = (request: ContextRequest) => Promise<Backend>;

const key = Symbol("ML");

export let createMLWith: (open: OpenBackend) => ML;

export class ML {
  readonly #open: OpenBackend;
  /** Ends what contexts ran on that their users let go of without destroying them. */
  readonly #forgotten = new FinalizationRegistry<Backend>((backend) => void backend.close());

  private constructor(given: symbol, open: OpenBackend) {
    if (given !== key) throw new TypeError("Illegal constructor");
    this.#open = open;
  }

  async createContext(options?: MLContextOptions): Promise<MLContext>;
  async createContext(gpuDevice: GPUDevice): Promise<MLContext>;
  async createContext(given?: MLContextOptions | GPUDevice): Promise<MLContext> {
    const request = isGPUDevice(given)
      ? ({ powerPreference: "default", gpuDevice: given } as const)
      : toRequest(given);
    refuseIfNotAllowed();
    const backend = await this.#open(request).catch((error: unknown) => {
      throw domException("NotSupportedError", messageOf(error), error);
    });
    const context = createContext(backend, isAccelerated(request));
    this.#forgotten.register(context, backend);
    return context;
  }

  static {
    createMLWith = (open) => new ML(key, open);
    defineInterface(ML, "ML", { createContext: 0 });
  }
}

function toRequest(given: unknown): ContextRequest {
  const options = toDictionary(given, "options");
  const { accelerated, deviceType, numThreads, powerPreference = "default" } = options;
  return {
    powerPreference: toEnum(powerPreference, powerPreferences, "powerPreference"),
    ...(accelerated !== undefined && { accelerated: Boolean(accelerated) }),
    ...(deviceType !== undefined && { deviceType: toEnum(deviceType, deviceTypes, "deviceType") }),
    ...(numThreads !== undefined && { numThreads: toThreads(numThreads) }),
  };
}

/** What the context says of itself: the wish, true where there is none; a device that is named is what it is. */
function isAccelerated({ accelerated = true, deviceType, gpuDevice }: ContextRequest): boolean {
  if (gpuDevice !== undefined) return true;
  return deviceType === undefined ? accelerated : deviceType !== "cpu";
}

function toThreads(value: unknown): number {
  const threads = toUnsignedLong(value, "numThreads");
  if (threads === 0) throw new TypeError("numThreads is 0, not at least 1");
  return threads;
}

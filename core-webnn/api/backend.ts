/** What a context runs on: a device, and the way from a graph to a program that is loaded there. */
import type { Device } from "../plan/device.ts";
import type { Graph } from "../graph/ir.ts";

export interface Backend {
  readonly device: Device;
  /** Compiles and loads a graph whose constants the device has. Passes and emission run in the context's worker where there is one. */
  build(program: number, graph: Graph): Promise<void>;
  /** Resolves when a worker has ended without which there are no builds, where the device does not tell of it. */
  readonly ended?: Promise<{ readonly message: string }>;
  /** Destroys the device and ends the workers. */
  close(): Promise<void>;
  readonly threads: BackendThreads;
}

/** The thread that made the context, or a worker of the context's. */
export type BackendThread = "this thread" | "worker";

export interface BackendThreads {
  /** Runs passes and emission. */
  readonly compile: BackendThread;
  /** Runs kernels, or tells the GPU to. */
  readonly dispatch: BackendThread;
}

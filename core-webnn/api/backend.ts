/** What a context runs on: a device, and the way from a graph to a program that is loaded there. */
import type { Device } from "../plan/device.ts";
import type { Graph } from "../graph/ir.ts";

export interface Backend {
  readonly device: Device;
  /** Compiles and loads a graph whose constants the device has. Passes and emission run in the context's worker where there is one. */
  build(program: number, graph: Graph): Promise<void>;
  /** Destroys the device and ends the workers. */
  close(): Promise<void>;
  /** Where passes and emission run: this thread, or a worker of the context's. */
  readonly compiledIn: "this thread" | "worker";
}

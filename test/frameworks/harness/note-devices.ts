/** In a page: where the graphs run that a framework dispatches. */
import type * as core from "../../../core-webnn/index.ts";

/** Adds the `devices` of each graph that is dispatched from now on. */
export function noteDevices(devices: Set<string>): void {
  const { MLContext } = globalThis as unknown as { MLContext: typeof core.MLContext };
  const { dispatch } = MLContext.prototype;
  MLContext.prototype.dispatch = function (graph, ...tensors) {
    graph.devices.forEach((device) => devices.add(device));
    return dispatch.call(this, graph, ...tensors);
  };
}

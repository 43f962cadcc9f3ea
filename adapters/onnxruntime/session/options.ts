/** Options of this execution provider, and the standard session options that it heeds. */
import type { InferenceSession } from "onnxruntime-common";
import type { MLDeviceType, MLPowerPreference } from "../core.ts";
import type { ValueInfo } from "../model/model.ts";
import type { OutputLocation } from "./results.ts";

/** `executionProviders: [{ name: "webnn", deviceType: "gpu" }]` */
export interface WebNNOptions {
  /** "cpu" where it is left out. */
  readonly deviceType?: MLDeviceType;
  readonly powerPreference?: MLPowerPreference;
  /** Threads of the CPU device. */
  readonly numThreads?: number;
  /** Any MLContext, to share tensors with other code. It stays the caller's; without it sessions with equal options share one. */
  readonly context?: object;
  /**
   * An error instead of nodes that the host computes, because no graph can do them or WebNN lacks their types: when the
   * session is made where the model alone says so, else at the run that finds out. Shape arithmetic and control flow
   * are no such nodes.
   */
  readonly throwOnFallback?: boolean;
  /** Ends the creation of a session, and its runs. */
  readonly signal?: AbortSignal;
}

/** RunOptions with a signal that ends the run. */
export interface WebNNRunOptions extends InferenceSession.RunOptions {
  readonly signal?: AbortSignal;
}

/** The options that stand beside the provider's name. */
export function providerOptions(
  options: InferenceSession.SessionOptions,
  names: readonly string[],
): WebNNOptions {
  const found = (options.executionProviders ?? []).find(
    (provider) => typeof provider === "object" && names.includes(provider.name),
  );
  const given = (found ?? {}) as WebNNOptions;
  const { intraOpNumThreads } = options;
  return given.numThreads === undefined && intraOpNumThreads
    ? { ...given, numThreads: intraOpNumThreads }
    : given;
}

/** Where each output goes; a TypeError for places that this execution provider does not know. */
export function outputLocations(
  { preferredOutputLocation = "cpu" }: InferenceSession.SessionOptions,
  outputs: readonly ValueInfo[],
): (name: string) => OutputLocation {
  const byName: Readonly<Record<string, string>> =
    typeof preferredOutputLocation === "string"
      ? Object.fromEntries(outputs.map(({ name }) => [name, preferredOutputLocation]))
      : preferredOutputLocation;
  const known = new Set(outputs.map(({ name }) => name));
  const locations = new Map<string, OutputLocation>();
  for (const [name, location] of Object.entries(byName)) {
    if (!known.has(name)) {
      throw new TypeError(
        `preferredOutputLocation names '${name}', which is no output of the model (${[...known].join(", ")})`,
      );
    }
    if (location !== "cpu" && location !== "cpu-pinned" && location !== "ml-tensor") {
      throw new TypeError(
        `preferredOutputLocation of '${name}' is '${location}', expected 'cpu' or 'ml-tensor'`,
      );
    }
    locations.set(name, location === "ml-tensor" ? "ml-tensor" : "cpu");
  }
  return (name) => locations.get(name) ?? "cpu";
}

/** Sessions on the real core for tests: its CPU device on this thread, so that starting one costs nothing. */
import { Tensor, type InferenceSession } from "onnxruntime-common";
import { inlineFunctions } from "../../../adapters/onnxruntime/model/inline-functions.ts";
import type { Model } from "../../../adapters/onnxruntime/model/model.ts";
import { readModel } from "../../../adapters/onnxruntime/model/read-model.ts";
import { checkSupport } from "../../../adapters/onnxruntime/ops/check-support.ts";
import { checkFallback } from "../../../adapters/onnxruntime/session/check-fallback.ts";
import { hasRow, loadAllRows } from "../../../adapters/onnxruntime/ops/table.ts";
import { describeContext } from "../../../adapters/onnxruntime/session/backend.ts";
import {
  makeSessionHandler,
  type WebNNSessionHandler,
} from "../../../adapters/onnxruntime/session/handler.ts";
import { plainBytes } from "../../../adapters/onnxruntime/session/load-bytes.ts";
import { outputLocations } from "../../../adapters/onnxruntime/session/options.ts";
import type { Context, WebNN } from "../../../adapters/onnxruntime/webnn.ts";
import { compile } from "../../../core-webnn/api/compile.ts";
import { openCpuDevice } from "../../../core-webnn/api/host.ts";
import { createContext, type MLContext } from "../../../core-webnn/api/ml-context.ts";
import { writeModel, type ModelSpec } from "./onnx-writer.ts";

await loadAllRows();

export async function openContext(): Promise<MLContext> {
  const device = await openCpuDevice({ threads: 1, sharedMemory: false });
  return createContext({
    device,
    build: async (program, graph) => device.load(program, compile(graph, device.facts)),
    close: () => device.destroy(),
    threads: { compile: "this thread", dispatch: "this thread" },
  });
}

export interface TestOptions extends InferenceSession.SessionOptions {
  /** Without symbolic sizes, as on a browser's own context. */
  readonly isStatic?: boolean;
  readonly signal?: AbortSignal;
  readonly throwOnFallback?: boolean;
  /** Sees, and may replace, the context and its builders. */
  readonly wrap?: (webnn: WebNN) => WebNN;
}

export interface TestSession extends WebNNSessionHandler {
  /** Fetches all outputs, or those named. */
  fetch(feeds: Record<string, Tensor>, ...names: string[]): Promise<Record<string, Tensor>>;
}

export function openSession(
  model: ModelSpec | Uint8Array,
  context: MLContext,
  options: TestOptions = {},
): TestSession {
  const file = readModel(model instanceof Uint8Array ? plainBytes(model) : writeModel(model));
  return openRead(
    inlineFunctions(file, (node) => hasRow(node, file.opsets)),
    context,
    options,
  );
}

/** A session on a model that is read. */
export function openRead(read: Model, context: MLContext, options: TestOptions = {}): TestSession {
  checkSupport(read);
  if (options.throwOnFallback) checkFallback(read);
  const { isStatic = false, signal, throwOnFallback = false, wrap = (webnn) => webnn } = options;
  const dynamic = describeContext(context as unknown as Context);
  const handler = makeSessionHandler({
    model: read,
    webnn: wrap(isStatic ? { ...dynamic, iota: undefined } : dynamic),
    Tensor,
    locationOf: outputLocations(options, read.graph.outputs),
    overrides: options.freeDimensionOverrides ?? {},
    signal,
    throwOnFallback,
    onDispose: () => {},
  });
  return {
    ...handler,
    fetch(feeds, ...names) {
      const wanted = names.length === 0 ? handler.outputNames : names;
      return handler.run(feeds, Object.fromEntries(wanted.map((name) => [name, null])), {});
    },
  };
}

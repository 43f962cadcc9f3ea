/** The backend as onnxruntime-common calls it: loads and checks a model, opens a context, makes a session. */
import type {
  Backend,
  InferenceSession,
  InferenceSessionHandler,
  TensorConstructor,
} from "onnxruntime-common";
import { extensions, ml, MLContext, MLGraphBuilder } from "../core.ts";
import type { Model } from "../model/model.ts";
import { readModel } from "../model/read-model.ts";
import { isOfNewerOnnx } from "../model/versions.ts";
import { normalisePath } from "../model/read-tensor.ts";
import { isSupported } from "../ops/is-supported.ts";
import { expandFunctions, loadRows } from "../ops/table.ts";
import type { Builder, Context, WebNN } from "../webnn.ts";
import { checkFallback } from "./check-fallback.ts";
import { makeContextPool, type ContextPool } from "./context-pool.ts";
import { makeSessionHandler, type WebNNSessionHandler } from "./handler.ts";
import { loadBytes, type FileSource } from "./load-bytes.ts";
import { outputLocations, providerOptions } from "./options.ts";
import type { SessionReport } from "./report.ts";

export interface OrtTensors {
  readonly Tensor: TensorConstructor;
}

type SessionOptions = InferenceSession.SessionOptions;

/** `names` are those under which sessions may ask for it. */
export function makeBackend({ Tensor }: OrtTensors, names: readonly string[]): Backend {
  const contexts = makeContextPool(async (options) => {
    const { deviceType = "cpu", powerPreference, numThreads } = options;
    const context = await ml.createContext({
      deviceType,
      ...(powerPreference === undefined ? {} : { powerPreference }),
      ...(numThreads === undefined ? {} : { numThreads }),
    });
    return context as unknown as Context;
  });
  return {
    init: async () => {},
    createInferenceSessionHandler: (source, options = {}) =>
      openSession(source, options, Tensor, names, contexts),
  };
}

async function openSession(
  source: string | Uint8Array,
  options: SessionOptions,
  Tensor: TensorConstructor,
  names: readonly string[],
  contexts: ContextPool,
): Promise<WebNNSessionHandler> {
  const provider = providerOptions(options, names);
  const { signal } = provider;
  const model = await expandFunctions(await loadModel(source, options, signal));
  if (isOfNewerOnnx(model)) (await import("../rare.ts")).warnOfVersions(model);
  await loadRows(model);
  if (!isSupported(model)) (await import("../rare.ts")).checkSupport(model);
  const { throwOnFallback = false } = provider;
  if (throwOnFallback) checkFallback(model);
  const locationOf = outputLocations(options, model.graph.outputs);
  const lease = await contexts.lease(provider);
  if (signal?.aborted) lease.release();
  signal?.throwIfAborted();
  return makeSessionHandler({
    model,
    webnn: describeContext(lease.context),
    Tensor,
    locationOf,
    overrides: options.freeDimensionOverrides ?? {},
    signal,
    throwOnFallback,
    onDispose: lease.release,
  });
}

async function loadModel(
  source: string | Uint8Array,
  { externalData = [] }: SessionOptions,
  signal: AbortSignal | undefined,
): Promise<Model> {
  const bytes = await loadBytes(source, "the model", signal);
  const files = new Map<string, Uint8Array>();
  for (const file of externalData) {
    const [path, data] = typeof file === "string" ? [file, file] : [file.path, file.data];
    const loaded = await loadBytes(data as FileSource, "external data", signal);
    files.set(normalisePath(path), loaded);
  }
  return readModel(bytes, files);
}

/** Our contexts take symbolic sizes; those of others come with the builder of their page. */
export function describeContext(context: Context): WebNN {
  if (!((context as unknown) instanceof MLContext)) {
    const { MLGraphBuilder: Foreign } = globalThis as unknown as {
      readonly MLGraphBuilder: new (context: Context) => Builder;
    };
    return { context, createBuilder: () => new Foreign(context), iota: undefined };
  }
  const own = context as unknown as MLContext;
  const offered = extensions(own);
  return {
    context,
    createBuilder: () => new MLGraphBuilder(own) as unknown as Builder,
    iota: offered.dynamicDimensions ? (offered.iota as unknown as WebNN["iota"]) : undefined,
  };
}

/** What a session did and where. A TypeError for a session of another execution provider. */
export function sessionReport(session: InferenceSession): SessionReport {
  // onnxruntime-common keeps the handler in a member that its types call private.
  const { handler } = session as unknown as { readonly handler?: InferenceSessionHandler };
  if (handler !== undefined && "report" in handler)
    return (handler as WebNNSessionHandler).report();
  throw new TypeError("the session does not run on this execution provider");
}

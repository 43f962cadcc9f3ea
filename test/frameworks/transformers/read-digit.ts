/** Reads a digit with transformers.js, which makes the session, on the device that the test asks for. */

/** What is used of @huggingface/transformers. */
interface Transformers {
  readonly env: {
    allowLocalModels: boolean;
    allowRemoteModels: boolean;
    readonly backends: { readonly onnx: { readonly wasm: { wasmPaths: string } } };
  };
  readonly AutoModel: {
    from_pretrained(name: string, options: object): Promise<Model>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
}

interface Model {
  (feeds: object): Promise<{ readonly logits: { readonly data: Float32Array } }>;
  readonly sessions: { readonly model: object };
  dispose(): Promise<unknown>;
}

export interface Task {
  readonly device: "webnn" | "webnn-cpu" | "webnn-gpu" | "webnn-npu" | "wasm" | "auto";
  readonly executionProviders?: readonly object[];
  /** Without its ending. */
  readonly file: string;
  readonly picture: string;
}

const url: string = "/transformers/dist/transformers.web.js";

export interface Outcome {
  readonly logits: readonly number[];
  /** What `report` said of the session. */
  readonly report?: unknown;
}

export async function readDigit(
  { device, executionProviders, file, picture }: Task,
  report: (session: object) => unknown = () => undefined,
): Promise<Outcome> {
  const { AutoModel, env, Tensor } = (await import(url)) as Transformers;
  env.allowLocalModels = true;
  env.allowRemoteModels = false;
  env.backends.onnx.wasm.wasmPaths = "/onnxruntime-web/";
  const model = await AutoModel.from_pretrained("digits", {
    device,
    dtype: "fp32",
    subfolder: "",
    model_file_name: file,
    // Its log says where each node runs.
    session_options: { logSeverityLevel: 0, ...(executionProviders && { executionProviders }) },
  });
  const { logits } = await model({
    input: new Tensor("float32", await ink(picture), [1, 1, 28, 28]),
  });
  const outcome = { logits: [...logits.data], report: report(model.sessions.model) };
  await model.dispose();
  return outcome;
}

/** 0 to 1 for each pixel of a grey picture. */
async function ink(picture: string): Promise<Float32Array> {
  const bitmap = await createImageBitmap(await (await fetch(picture)).blob());
  const canvas = new OffscreenCanvas(28, 28).getContext("2d")!;
  canvas.drawImage(bitmap, 0, 0, 28, 28);
  const { data } = canvas.getImageData(0, 0, 28, 28);
  return Float32Array.from(
    data.filter((_, i) => i % 4 === 0),
    (value) => value / 255,
  );
}

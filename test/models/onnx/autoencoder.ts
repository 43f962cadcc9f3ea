/**
 * VAE-light: a picture to a latent of an eighth of its sides, and back. The decoder gives a small picture and what is to be
 * added to it at each doubling of the sides.
 */
import { readFile } from "node:fs/promises";
import type { Tensor } from "onnxruntime-common";
import { planesOf, readPicture, scale } from "./pictures.ts";
import { floatsOf, shared, type RealModel } from "./real-model.ts";

export const autoencoder: RealModel = {
  name: "VAE-light",
  files: [shared("vae-light/VAEencoder.onnx"), shared("vae-light/VAEpreview.onnx")],
  bound: 1e-4,
  because: "twenty convolutions in float32, and the decoder takes the encoder's errors",
  known: "about 19 dB",
  // One of each file serves both sizes.
  graphs: 2,
  isLarge: true,
  async run({ sessions: [encoder, decoder], Tensor }) {
    const picture = readPicture(await readFile(shared("tflite/inputs/grace_hopper.bmp")));
    const results: Record<string, Float32Array> = {};
    const says = new Set<string>();
    for (const [width, height] of [
      [256, 256],
      [192, 256],
    ] as const) {
      const input = planesOf(scale(picture, width, height), [0, 1, 2], (byte) => byte / 127.5 - 1);
      const { latent } = await encoder!.run({
        input: new Tensor("float32", input, [1, 3, height, width]),
      });
      const decoded = await decoder!.run({ latent: latent as Tensor });
      for (const [name, tensor] of Object.entries({ latent, ...decoded })) {
        results[`${name}, ${width} by ${height}`] = floatsOf(tensor as Tensor);
      }
      const noise = signalToNoise(putTogether(decoded as Tensors), input);
      says.add(Math.abs(noise - 19) < 1 ? "about 19 dB" : `${noise} dB`);
    }
    return { says: [...says].join(", "), results };
  },
};

type Tensors = Readonly<Record<string, Tensor>>;

/** The small picture, and the names of what is added to it, in the order of their sizes. */
const [smallest, additions] = ["output", ["101", "92", "77"]] as const;

function putTogether(decoded: Tensors): Float32Array {
  return additions.reduce((small, name) => {
    const [, , height, width] = decoded[name]!.dims as [number, number, number, number];
    return floatsOf(decoded[name]).map((value, i) => {
      const [x, y] = [i % width, Math.floor(i / width) % height];
      const plane = Math.floor(i / width / height);
      const from = (plane * height) / 2 + (y >> 1);
      return value + small[(from * width) / 2 + (x >> 1)]!;
    });
  }, floatsOf(decoded[smallest]));
}

/** In decibel, of values from -1 to 1. */
function signalToNoise(actual: Float32Array, expected: Float32Array): number {
  const squares = expected.reduce((sum, value, i) => sum + (actual[i]! - value) ** 2, 0);
  return 10 * Math.log10(4 / (squares / expected.length));
}
